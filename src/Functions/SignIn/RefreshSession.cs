using System.ComponentModel.DataAnnotations;
using CustomerFunctions.Edge;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.SignIn;

/// <param name="RefreshToken">The newest one of the session.</param>
public sealed record RefreshRequest([property: Required] string? RefreshToken = null);

/// <summary>Exchanges a refresh token for the next two tokens.</summary>
internal static class RefreshSession
{
    public static async Task<Results<Ok<TokenResponse>, Problem>> Handle(RefreshRequest request, PersonSessions sessions, HttpContext context, CancellationToken cancellation)
    {
        var checks = new Checks();
        checks.Text("/refreshToken", request.RefreshToken, 4096);
        if (checks.Refusal is { } invalid) { return invalid; }

        var (tokens, refusal) = await sessions.Refresh(request.RefreshToken, context, cancellation);
        if (tokens is null) { return refusal!; }
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(tokens);
    }
}
