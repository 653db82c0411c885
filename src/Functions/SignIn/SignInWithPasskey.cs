using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;
using CustomerFunctions.Accounts;
using CustomerFunctions.Audit;
using CustomerFunctions.Edge;
using CustomerFunctions.RateLimits;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.SignIn;

/// <param name="State">From the options.</param>
/// <param name="Credential">The browser's answer, in WebAuthn's JSON form.</param>
public sealed record PasskeySignInRequest([property: Required] string? State = null, [property: Required] JsonObject? Credential = null);

/// <summary>What a browser needs to sign in with any passkey that it has for this site. Tells nothing about any account.</summary>
internal static class BeginPasskeySignIn
{
    public static async Task<Ok<PasskeyOptions>> Handle(PasskeyCeremonies ceremonies, Tokens tokens, TimeProvider clock, HttpContext context)
    {
        var (options, state) = await ceremonies.AskToSignIn(context);
        return TypedResults.Ok(new PasskeyOptions(options, tokens.Write(new PasskeyTicket(state, AccountId: null, clock.GetUtcNow()))));
    }
}

/// <summary>Signs in with a passkey. The user was verified by it, so it stands for both factors.</summary>
internal static class SignInWithPasskey
{
    public static async Task<Results<Ok<TokenResponse>, Problem>> Handle(
        PasskeySignInRequest request, PasskeyCeremonies ceremonies, AccountStore accounts, Tokens tokens, SignInCompletion completion, SignInBudgets budgets, RefusalLog refusals, TimeProvider clock,
        HttpContext context, CancellationToken cancellation)
    {
        var checks = new Checks();
        checks.Text("/state", request.State, Tokens.MaxLength);
        if (checks.Refusal is { } invalid) { return invalid; }

        var now = clock.GetUtcNow();
        if (tokens.Passkey(request.State) is not { AccountId: null } ticket || !ticket.IsGood(now)) { return Failures.PasskeyUnusable(); }
        // Nobody guesses a signature, so there is no budget of the account's: a stranger could only use it up.
        var (attempt, tooMany) = await budgets.TryEnter(context.Connection.RemoteIpAddress, cancellation);
        if (attempt is null) { return tooMany!; }
        if (PasskeyCeremonies.ClaimedAccount(request.Credential!) is not { } id || await accounts.Read(id, cancellation) is not { } account) { return Failures.PasskeyRefused(); }
        if (await ceremonies.Used(account.Value, request.Credential!, ticket.State, context) is not { } used) { return refusals.SignIn(id, Failures.PasskeyRefused(), context); }

        var before = account.Value.Passkeys.First(passkey => passkey.Id == PasskeyCeremonies.Id(used.CredentialId));
        // Many passkeys never count, so it is the time that keeps an answer from being good twice.
        if (before.LastUsedAt >= ticket.IssuedAt) { return Failures.PasskeyUnusable(); }
        attempt.Succeeded();
        if (account.Value.Disabled) { return refusals.SignIn(id, Failures.AccountDisabled(), context); }
        if (!account.Value.EmailConfirmed) { return refusals.SignIn(id, Failures.EmailUnconfirmed(), context); }

        var after = before with { SignCount = used.SignCount, IsBackedUp = used.IsBackedUp, LastUsedAt = now };
        var signedIn = account.Value with { Passkeys = [.. account.Value.Passkeys.Select(passkey => passkey.Id == before.Id ? after : passkey)] };
        return await completion.Begin(account, signedIn, secondFactor: true, [], context, cancellation);
    }
}
