using CustomerFunctions.Accounts;
using CustomerFunctions.Edge;
using CustomerFunctions.RateLimits;

namespace CustomerFunctions.SignIn;

/// <summary>A sign-in that may be tried, and what is kept of it when it turns out well.</summary>
internal sealed record GatedAttempt(SignInAttempt Attempt, GoodSignIn Good)
{
    public void Succeeded() => Attempt.Succeeded();
}

/// <summary>Asks, before any hash or read, whether a sign-in may be tried. A device that has signed in to the address before has budgets of its own.</summary>
internal sealed class SignInGate(SignInBudgets budgets, Tokens tokens, AccountStore accounts, TimeProvider clock)
{
    public async Task<(GatedAttempt? Attempt, Problem? Refusal)> Enter(string email, string? deviceToken, HttpContext context, CancellationToken cancellation)
    {
        var address = context.Connection.RemoteIpAddress;
        var source = SignInBudgets.Source(address);
        var isKnown = tokens.Device(deviceToken) is { } device && device.Email == email && device.ExpiresAt > clock.GetUtcNow();
        var (attempt, refusal) = await budgets.TryEnter(email, address, isKnown, token => GoodSignIns(email, source, isKnown, token), cancellation);
        return attempt is null ? (null, refusal) : (new GatedAttempt(attempt, new GoodSignIn(attempt.At, source, isKnown)), null);
    }

    private async Task<IReadOnlyList<DateTimeOffset>> GoodSignIns(string email, string source, bool isKnown, CancellationToken cancellation)
    {
        var account = await accounts.FindByEmail(email, cancellation);
        return [.. (account?.Value.GoodSignIns ?? []).Where(good => isKnown ? good.KnownDevice : good.Source == source && !good.KnownDevice).Select(good => good.At)];
    }
}
