using CustomerFunctions.Accounts;
using CustomerFunctions.Edge;
using CustomerFunctions.Mail;
using CustomerFunctions.RateLimits;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.SignIn;

/// <param name="Email">The account's address.</param>
public sealed record ForgotPasswordRequest(string? Email = null);

/// <summary>Mails a link for a new password, if the address has an account; the answer is the same.</summary>
internal static class ForgotPassword
{
    private static readonly TimeSpan LinkLife = TimeSpan.FromMinutes(10);

    public static async Task<Results<Accepted, Problem>> Handle(
        ForgotPasswordRequest request, AccountStore accounts, MailSender mail, SignInBudgets budgets, TimeProvider clock, HttpContext context, CancellationToken cancellation)
    {
        var checks = new Checks();
        checks.Email("/email", request.Email, required: true);
        if (checks.Refusal is { } invalid) { return invalid; }

        var email = AccountStore.NormalizeEmail(request.Email!);
        if (await budgets.Try(Budgets.Mail, email, context.Connection.RemoteIpAddress, cancellation) is { } tooMany) { return tooMany; }
        var found = await accounts.FindByEmail(email, cancellation);
        if (found is null or { Value.Disabled: true }) { await accounts.PretendToReplace(cancellation); }
        else if (await accounts.Change(found, account => account.WithMail(PendingMail.Of(MailTemplate.ResetPassword, account.Email, clock, LinkLife)), cancellation) is { } changed)
        {
            mail.SendAfter(context, changed.Value.Id);
        }
        return TypedResults.Accepted((string?)null);
    }
}
