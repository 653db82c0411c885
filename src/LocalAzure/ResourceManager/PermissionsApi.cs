namespace LocalAzure.ResourceManager;

/// <summary>
/// What tests set of the identity's rights: <c>PUT /permissions {"scope":"/subscriptions/…","actions":["*/read"],"notActions":[]}</c> says what it may do at a scope and below, <c>GET</c> lists that, <c>DELETE</c> lets it do
/// everything again.
/// </summary>
internal static class PermissionsApi
{
    public static void MapPermissions(this IEndpointRouteBuilder routes, Func<ResourceManagerEmulator?> resourceManager)
    {
        routes.MapGet("/permissions", () => Answer(resourceManager(), permissions => permissions.All));
        routes.MapPut("/permissions", (Request request) =>
        {
            if (request.Scope is not { Length: > 1 } scope || !scope.StartsWith('/') || request.Actions is null) { return Results.Problem("A scope and its actions are needed.", statusCode: StatusCodes.Status400BadRequest); }
            return Answer(resourceManager(), permissions =>
            {
                permissions.Put(new PermittedActions(scope.TrimEnd('/'), request.Actions, request.NotActions ?? []));
                return permissions.All;
            });
        });
        routes.MapDelete("/permissions", () => Answer(resourceManager(), permissions =>
        {
            permissions.Clear();
            return permissions.All;
        }));
    }

    private static IResult Answer(ResourceManagerEmulator? open, Func<IdentityPermissions, IReadOnlyList<PermittedActions>> answer) =>
        open is null ? Results.StatusCode(StatusCodes.Status503ServiceUnavailable) : Results.Json(answer(open.Permissions));

    internal sealed record Request(string? Scope = null, IReadOnlyList<string>? Actions = null, IReadOnlyList<string>? NotActions = null);
}
