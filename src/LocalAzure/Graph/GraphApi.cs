namespace LocalAzure.Graph;

/// <summary>What tests set of the directory: <c>PUT /graph {"propagationSeconds":20}</c> keeps every new password unknown to the token endpoint for that long.</summary>
internal static class GraphApi
{
    private const double MostSeconds = 3600;

    public static void MapGraph(this IEndpointRouteBuilder routes, Func<GraphEmulator?> graph)
    {
        routes.MapGet("/graph", () => graph() is { } open ? Results.Json(Describe(open)) : Results.StatusCode(StatusCodes.Status503ServiceUnavailable));
        routes.MapPut("/graph", (Settings settings) =>
        {
            if (!(settings.PropagationSeconds is >= 0 and <= MostSeconds)) { return Results.Problem("propagationSeconds is from 0 to 3600.", statusCode: StatusCodes.Status400BadRequest); }
            if (graph() is not { } open) { return Results.StatusCode(StatusCodes.Status503ServiceUnavailable); }
            open.SignIn.Propagation = TimeSpan.FromSeconds(settings.PropagationSeconds);
            return Results.Json(Describe(open));
        });
    }

    private static Settings Describe(GraphEmulator graph) => new(graph.SignIn.Propagation.TotalSeconds);

    internal sealed record Settings(double PropagationSeconds);
}
