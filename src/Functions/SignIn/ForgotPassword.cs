using System.ComponentModel.DataAnnotations;
using CustomerFunctions.Accounts;
using CustomerFunctions.Edge;
using CustomerFunctions.RateLimits;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.SignIn;

/// <param name="Email">The account's address.</param>
public sealed record ForgotPasswordRequest([property: Required] string? Email = null);

/// <summary>Mails a link for a new password, if the address has an account. The answer, and the work before it, are the same if it has none.</summary>
internal static class ForgotPassword
{
    public static async Task<Results<Accepted, Problem>> Handle(
        ForgotPasswordRequest request, ForgottenPasswords forgotten, SignInBudgets budgets, HttpContext context, CancellationToken cancellation)
    {
        var checks = new Checks();
        checks.Email("/email", request.Email);
        if (checks.Refusal is { } invalid) { return invalid; }

        var email = AccountStore.NormalizeEmail(request.Email!);
        if (await budgets.Try(Budgets.Mail, email, context.Connection.RemoteIpAddress, cancellation) is { } tooMany) { return tooMany; }
        await forgotten.Ask(email, context, cancellation);
        return TypedResults.Accepted((string?)null);
    }
}
