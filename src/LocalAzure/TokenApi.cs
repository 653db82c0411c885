using LocalAzure.Faults;
using LocalAzure.Identity;

namespace LocalAzure;

/// <summary>Tokens over HTTP: the managed identity's endpoint for the app, and <c>GET /token?audience=</c> for tests and people.</summary>
internal static class TokenApi
{
    /// <summary>Where App Service has it too.</summary>
    public const string Path = "/msi/token";

    public static void MapTokens(this IEndpointRouteBuilder routes, TokenAuthority tokens, ServiceGate identity)
    {
        routes.Map(Path, identity.Handle);
        routes.MapGet("/token", (string? audience) =>
        {
            if (!Uri.TryCreate(audience, UriKind.Absolute, out _)) { return Results.Problem("Say with ?audience= which service the token is for, as a URL.", statusCode: StatusCodes.Status400BadRequest); }
            var (token, expiresOn) = tokens.Issue(audience, ManagedIdentityEndpoint.ObjectId);
            return Results.Json(new { token, expiresOn });
        });
    }
}
