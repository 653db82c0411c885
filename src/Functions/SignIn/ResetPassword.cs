using CustomerFunctions.Accounts;
using CustomerFunctions.Edge;
using CustomerFunctions.Mail;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.SignIn;

/// <param name="Token">From the mail: of a forgotten password, or of an invitation.</param>
/// <param name="Password">The new one.</param>
public sealed record ResetPasswordRequest(string? Token = null, string? Password = null);

/// <summary>
/// Sets a password by a mailed link. That proves the address too. All sessions end; nobody is signed in by it, so a second factor is asked for as ever.
/// </summary>
internal static class ResetPassword
{
    public static async Task<Results<NoContent, Problem>> Handle(
        ResetPasswordRequest request, AccountStore accounts, MailedLinks links, Passwords passwords, MailSender mail, TimeProvider clock, HttpContext context, CancellationToken cancellation)
    {
        var checks = new Checks();
        checks.Text("/token", request.Token, 4096, required: true);
        PasswordRules.Check(checks, "/password", request.Password, email: null, name: null);
        if (checks.Refusal is { } invalid) { return invalid; }

        if ((await links.Find(request.Token!, MailTemplate.ResetPassword, cancellation) ?? await links.Find(request.Token!, MailTemplate.Invitation, cancellation)) is not var (account, ticket)) { return Failures.LinkUnusable(); }
        PasswordRules.Check(checks, "/password", request.Password, account.Value.Email, account.Value.Name);
        if (checks.Refusal is { } tooClose) { return tooClose; }
        var hash = passwords.Hash(request.Password!);
        var changed = await accounts.Change(
            account,
            current => MailedLinks.Use(current, ticket)?.WithPassword(hash, keepSession: null).WithMail(PendingMail.Of(MailTemplate.PasswordChanged, current.Email, clock)) is { } done
                ? (done with { EmailConfirmed = true }).Recorded(current, AccountEvents.Themselves(current.Id, context), clock, AccountEvents.Reset)
                : null,
            cancellation);
        if (changed is null) { return Failures.LinkUnusable(); }
        mail.SendAfter(context, changed.Value.Id);
        return TypedResults.NoContent();
    }
}
