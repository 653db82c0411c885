namespace LocalAzure.Faults;

/// <summary>Faults on demand: <c>PUT /faults</c> adds one or replaces the one of its service, kind, operation and body, <c>GET</c> lists them, <c>DELETE</c> ends all.</summary>
internal static class FaultsApi
{
    public static void MapFaults(this IEndpointRouteBuilder routes, FaultSet faults)
    {
        routes.MapGet("/faults", () => faults.Active.Select(Describe));
        routes.MapPut("/faults", (FaultRequest request) => Put(faults, request));
        routes.MapDelete("/faults", () =>
        {
            faults.Clear();
            return Results.NoContent();
        });
    }

    private static IResult Put(FaultSet faults, FaultRequest request)
    {
        var (fault, refusal) = request.ToFault();
        if (fault is null) { return Results.Problem(refusal, statusCode: StatusCodes.Status400BadRequest); }
        faults.Put(fault);
        return Results.Json(Describe(fault));
    }

    private static object Describe(Fault fault) => new { fault = fault.Request, hits = fault.Hits };
}
