using CustomerFunctions.Accounts;
using CustomerFunctions.Audit;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared.Azure;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.SignIn;

/// <summary>The end of every sign-in whose first factor was right: the second, where there is one, and the session. One write, also when it fails.</summary>
internal sealed class SignInCompletion(AccountStore accounts, SecondFactors factors, PersonSessions sessions, RefusalLog refusals)
{
    public async Task<Results<Ok<TokenResponse>, Problem>> Complete(Stored<Account> account, string? code, string? recoveryCode, IReadOnlyList<GoodSignIn> attempts, HttpContext context, CancellationToken cancellation)
    {
        var signedIn = account.Value;
        if (signedIn.NeedsPasskey) { return refusals.SignIn(signedIn.Id, Failures.PasskeyRequired(), context); }
        if (signedIn is { HasSecondFactor: true, SecondFactor: { } factor })
        {
            var (checkedFactor, refusal) = factors.Check(factor, code, recoveryCode);
            if (refusal is not null) { return refusals.SignIn(signedIn.Id, await Count(account, code, recoveryCode, cancellation) ?? refusal, context); }
            signedIn = signedIn with { SecondFactor = checkedFactor };
        }
        return await Begin(account, signedIn, signedIn.HasSecondFactor, attempts, context, cancellation);
    }

    /// <summary>Every wrong code is counted, however many come at once; what the count says in the end is the answer.</summary>
    private async Task<Problem?> Count(Stored<Account> account, string? code, string? recoveryCode, CancellationToken cancellation)
    {
        Problem? refusal = null;
        await accounts.Change(
            account,
            current =>
            {
                if (current.SecondFactor is not { } factor) { return null; }
                (var counted, refusal) = factors.Check(factor, code, recoveryCode);
                return counted == factor || refusal is null ? null : current with { SecondFactor = counted };
            },
            cancellation);
        return refusal;
    }

    /// <summary>Saves the account with a new session in it. When what was checked has changed meanwhile, the caller begins again; a mail that was sent, or another session, is no reason to.</summary>
    public async Task<Results<Ok<TokenResponse>, Problem>> Begin(Stored<Account> before, Account signedIn, bool secondFactor, IReadOnlyList<GoodSignIn> attempts, HttpContext context, CancellationToken cancellation)
    {
        TokenResponse? response = null;
        var saved = await accounts.Change(
            before,
            current =>
            {
                if (!current.SignsInAs(before.Value) || current.Outbox?.Count >= Outbox.Full) { return null; }
                var good = current.GoodSignIns.Concat(attempts).TakeLast(Account.MaxGoodSignIns).ToList();
                (var after, response) = sessions.Begin(
                    current with { GoodSignIns = good, PasswordHash = signedIn.PasswordHash, SecondFactor = signedIn.SecondFactor, Passkeys = signedIn.Passkeys }, current, secondFactor, context);
                return after;
            },
            cancellation,
            flush: false);
        if (saved is null) { return Failures.Busy(TimeSpan.FromSeconds(1)); }
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(response);
    }
}
