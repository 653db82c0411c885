using CustomerFunctions.Access;
using CustomerFunctions.Edge;
using CustomerFunctions.SignIn;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.ApiKeys;

/// <param name="Scopes">Permissions to confine the token to; all that the key has, when absent.</param>
/// <param name="Lifetime">ISO 8601, PT1M to PT1H; PT15M when absent. Shorter when the key ends before.</param>
public sealed record ExchangeTokenRequest(IReadOnlyList<string>? Scopes = null, TimeSpan? Lifetime = null);

/// <param name="AccessToken">Goes into the Authorization header, as a bearer token.</param>
/// <param name="TokenType">Always Bearer.</param>
/// <param name="ExpiresAt">When its time is over. It ends sooner with the key that it came from.</param>
/// <param name="Scopes">What it may.</param>
public sealed record ExchangeTokenResponse(string AccessToken, string TokenType, DateTimeOffset ExpiresAt, IReadOnlyList<string> Scopes);

/// <summary>
/// Exchanges an API key or a service account's credential for a token that lives for minutes and may less: for a job or a browser that should never see the key. The token hangs on the value that
/// it came from and ends with it; and a token is not exchanged again, so nobody lives on one for ever.
/// </summary>
internal static class ExchangeToken
{
    private static readonly TimeSpan Default = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan Shortest = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    public static Results<Ok<ExchangeTokenResponse>, Problem> Handle(ExchangeTokenRequest request, Caller caller, Tokens tokens, TimeProvider clock, HttpContext context)
    {
        if (PresentedKey.Parse(Guard.Credential(context.Request)) is not { } key) { return Failures.ForbiddenHere("This takes an API key or a service account's credential itself; a token is not exchanged again."); }
        var mine = Permissions.All.Where(permission => caller.Principal.Scopes?.Contains(permission) != false && caller.Principal.Role is { } role && Permissions.RolesFor(permission).Contains(role))
            .Where(permission => permission != Permission.TokensExchange).Select(Permissions.Name).ToList();
        var checks = new Checks();
        var lifetime = request.Lifetime ?? Default;
        if (lifetime < Shortest || lifetime > Longest) { checks.Add("/lifetime", "out-of-range", "Expected PT1M to PT1H."); }
        if (request.Scopes is { Count: 0 }) { checks.Add("/scopes", "empty", "Name at least one permission, or leave the field out for all that the key has."); }
        for (var i = 0; i < request.Scopes?.Count && i <= mine.Count; i++)
        {
            if (!mine.Contains(request.Scopes[i])) { checks.Add($"/scopes/{i}", "unknown-value", $"Expected one of {string.Join(", ", mine)}."); }
        }
        if (request.Scopes?.Count > mine.Count) { checks.Add("/scopes", "too-many", "Each permission once."); }
        if (checks.Refusal is { } invalid) { return invalid; }

        var (scopes, expires) = (request.Scopes ?? mine, ApiKeyRules.TokenEnd(caller.Principal, lifetime, clock.GetUtcNow()));
        return TypedResults.Ok(new ExchangeTokenResponse(tokens.Write(new MachineTicket(key.Pointer, key.Hash, scopes, expires)), "Bearer", expires, scopes));
    }
}
