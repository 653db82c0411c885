namespace LocalAzure.Faults;

/// <summary><c>GET /requests</c>: calls per service since the last <c>DELETE /requests</c>; <c>?by=operation</c> tells them apart.</summary>
internal static class RequestsApi
{
    public static void MapRequests(this IEndpointRouteBuilder routes, RequestCounts counts)
    {
        routes.MapGet("/requests", (string? by) => by switch
        {
            null or "service" => Results.Json(counts.ByService()),
            "operation" => Results.Json(counts.ByOperation()),
            _ => Results.Problem($"Requests can be counted by service or by operation, not by '{by}'.", statusCode: StatusCodes.Status400BadRequest),
        });
        routes.MapDelete("/requests", () =>
        {
            counts.Reset();
            return Results.NoContent();
        });
    }
}
