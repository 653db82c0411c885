namespace LocalAzure.Faults;

/// <summary><c>GET /requests</c>: calls per service since the last <c>DELETE /requests</c>; <c>?by=operation</c> tells them apart, <c>?by=notImplemented</c> lists what was refused.</summary>
internal static class RequestsApi
{
    public static void MapRequests(this IEndpointRouteBuilder routes, RequestCounts counts)
    {
        routes.MapGet("/requests", (string? by) => by switch
        {
            null or "service" => Results.Json(counts.ByService()),
            "operation" => Results.Json(counts.ByOperation()),
            "notImplemented" => Results.Json(counts.Unimplemented()),
            _ => Results.Problem($"Requests can be counted by service, by operation or by notImplemented, not by '{by}'.", statusCode: StatusCodes.Status400BadRequest),
        });
        routes.MapDelete("/requests", () =>
        {
            counts.Reset();
            return Results.NoContent();
        });
    }
}
