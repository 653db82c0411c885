namespace LocalAzure.ResourceManager;

/// <summary>
/// What tests set of Resource Manager: <c>PUT /resource-manager {"operationSeconds":10800,"operationsFail":false}</c> says how long operations that begin from then on take by the test clock, and whether they come to
/// nothing; <c>"keyPropagationSeconds":10</c> for how long a key that was made anew opens nothing yet, by the test clock.
/// </summary>
internal static class ResourceManagerApi
{
    private const double MostSeconds = 7 * 24 * 3600;
    private const double MostKeySeconds = 24 * 3600;

    public static void MapResourceManager(this IEndpointRouteBuilder routes, Func<ResourceManagerEmulator?> resourceManager)
    {
        routes.MapGet("/resource-manager", () => resourceManager() is { } open ? Results.Json(Describe(open)) : Results.StatusCode(StatusCodes.Status503ServiceUnavailable));
        routes.MapPut("/resource-manager", (Settings settings) =>
        {
            if (!(settings.OperationSeconds is >= 0 and <= MostSeconds)) { return Results.Problem("operationSeconds is from 0 to 604800.", statusCode: StatusCodes.Status400BadRequest); }
            if (!(settings.KeyPropagationSeconds is >= 0 and <= MostKeySeconds)) { return Results.Problem("keyPropagationSeconds is from 0 to 86400.", statusCode: StatusCodes.Status400BadRequest); }
            if (resourceManager() is not { } open) { return Results.StatusCode(StatusCodes.Status503ServiceUnavailable); }
            (open.Operations.Duration, open.Operations.Fail) = (TimeSpan.FromSeconds(settings.OperationSeconds), settings.OperationsFail);
            open.KeyPropagation = TimeSpan.FromSeconds(settings.KeyPropagationSeconds);
            return Results.Json(Describe(open));
        });
    }

    private static Settings Describe(ResourceManagerEmulator open) => new(open.Operations.Duration.TotalSeconds, open.Operations.Fail, open.KeyPropagation.TotalSeconds);

    internal sealed record Settings(double OperationSeconds = 0, bool OperationsFail = false, double KeyPropagationSeconds = 0);
}
