using System.ComponentModel.DataAnnotations;
using CustomerFunctions.Accounts;
using CustomerFunctions.Audit;
using CustomerFunctions.Edge;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.SignIn;

/// <param name="Email">The account's address.</param>
/// <param name="Password">Its password.</param>
/// <param name="Code">Of the authenticator app, if there is one.</param>
/// <param name="RecoveryCode">Instead of the code, once.</param>
/// <param name="DeviceToken">From an earlier sign-in on this device.</param>
public sealed record SignInRequest([property: Required] string? Email = null, [property: Required] string? Password = null, string? Code = null, string? RecoveryCode = null, string? DeviceToken = null);

/// <summary>Signs a person in. An address that nobody has gets the same answer for the same work as a wrong password.</summary>
internal static class SignInWithPassword
{
    private static readonly TimeSpan ChallengeLife = TimeSpan.FromMinutes(5);

    public static async Task<Results<Ok<TokenResponse>, Problem>> Handle(
        SignInRequest request, AccountStore accounts, Passwords passwords, HashingGate hashing, Tokens tokens, SignInCompletion completion, SignInGate gate, RefusalLog refusals, TimeProvider clock,
        HttpContext context, CancellationToken cancellation)
    {
        if (Check(request) is { } invalid) { return invalid; }

        var (place, busy) = hashing.TryEnter(context);
        if (place is null) { return busy!; }
        using var held = place;
        var email = AccountStore.NormalizeEmail(request.Email!);
        var (attempt, tooMany) = await gate.Enter(email, request.DeviceToken, context, cancellation);
        if (attempt is null) { return tooMany!; }

        var found = await accounts.FindByEmail(email, cancellation);
        var (matches, needsRehash) = await passwords.Verify(found?.Value, request.Password!, place, cancellation);
        if (found is null || !matches) { return refusals.SignIn(found?.Value.Id, Failures.SignInFailed(), context); }
        attempt.Succeeded();
        if (found.Value.Disabled) { return refusals.SignIn(found.Value.Id, Failures.AccountDisabled(), context); }
        if (!found.Value.EmailConfirmed) { return refusals.SignIn(found.Value.Id, Failures.EmailUnconfirmed(), context); }
        if (found.Value.HasSecondFactor && request.Code is null && request.RecoveryCode is null)
        {
            return Failures.SecondFactorRequired(tokens.Write(new ChallengeTicket(found.Value.Id, found.Value.SecurityVersion, clock.GetUtcNow() + ChallengeLife, attempt.Good)));
        }
        var account = needsRehash ? found with { Value = found.Value with { PasswordHash = await passwords.Hash(request.Password!, place, cancellation) } } : found;
        return await completion.Complete(account, request.Code, request.RecoveryCode, [attempt.Good], context, cancellation);
    }

    private static Problem? Check(SignInRequest request)
    {
        var checks = new Checks();
        checks.Email("/email", request.Email);
        PasswordRules.CheckGiven(checks, "/password", request.Password);
        checks.Text("/code", request.Code, 20);
        checks.Text("/recoveryCode", request.RecoveryCode, 60);
        checks.Text("/deviceToken", request.DeviceToken, 4096);
        return checks.Refusal;
    }
}
