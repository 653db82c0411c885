using System.ComponentModel.DataAnnotations;
using CustomerFunctions.Accounts;
using CustomerFunctions.Edge;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.SignIn;

/// <param name="Challenge">From the refusal of the sign-in with the password.</param>
/// <param name="Code">Of the authenticator app.</param>
/// <param name="RecoveryCode">Instead of the code, once.</param>
public sealed record SecondFactorRequest([property: Required] string? Challenge = null, string? Code = null, string? RecoveryCode = null);

/// <summary>Goes on with a sign-in whose password was right.</summary>
internal static class SignInWithSecondFactor
{
    public static async Task<Results<Ok<TokenResponse>, Problem>> Handle(
        SecondFactorRequest request, AccountStore accounts, Tokens tokens, SignInCompletion completion, TimeProvider clock, HttpContext context, CancellationToken cancellation)
    {
        var checks = new Checks();
        checks.Text("/challenge", request.Challenge, 4096);
        checks.Text("/code", request.Code, 20, required: request.RecoveryCode is null);
        checks.Text("/recoveryCode", request.RecoveryCode, 60);
        if (checks.Refusal is { } invalid) { return invalid; }

        if (tokens.Challenge(request.Challenge) is not { } challenge || challenge.ExpiresAt <= clock.GetUtcNow()) { return Failures.SignInFailed(); }
        var account = await accounts.Read(challenge.AccountId, cancellation);
        return account is null || account.Value.Disabled || account.Value.SecurityVersion != challenge.SecurityVersion
            ? Failures.SignInFailed()
            : await completion.Complete(account, request.Code, request.RecoveryCode, [challenge.First], context, cancellation);
    }
}
