using System.ComponentModel.DataAnnotations;
using CustomerFunctions.Accounts;
using CustomerFunctions.Edge;
using CustomerFunctions.Mail;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.SignIn;

/// <param name="Token">From the mail: of a forgotten password, or of an invitation.</param>
/// <param name="Password">The new one.</param>
public sealed record ResetPasswordRequest([property: Required] string? Token = null, [property: Required] string? Password = null);

/// <summary>
/// Sets a password by a mailed link. That proves the address too. All sessions end; nobody is signed in by it, so a second factor is asked for as ever.
/// </summary>
internal static class ResetPassword
{
    public static async Task<Results<NoContent, Problem>> Handle(
        ResetPasswordRequest request, AccountStore accounts, MailedLinks links, Passwords passwords, HashingGate gate, MailSender mail, TimeProvider clock, HttpContext context,
        CancellationToken cancellation)
    {
        var checks = new Checks();
        checks.Text("/token", request.Token, 4096);
        PasswordRules.Check(checks, "/password", request.Password, email: null, name: null);
        if (checks.Refusal is { } invalid) { return invalid; }

        var (place, busy) = gate.TryEnter(context);
        if (place is null) { return busy!; }
        using var held = place;
        var (link, refusal) = await links.Try(request.Token!, [MailTemplate.ResetPassword, MailTemplate.Invitation], context, cancellation);
        if (link is null) { return refusal!; }
        var (account, ticket) = (link.Account, link.Ticket);
        PasswordRules.Check(checks, "/password", request.Password, account.Value.Email, account.Value.Name);
        if (checks.Refusal is { } tooClose) { return tooClose; }
        var hash = await passwords.Hash(request.Password!, place, cancellation);
        var changed = await accounts.Change(
            account,
            current => MailedLinks.Use(current, ticket)?.WithPassword(hash, keepSession: null).WithMail(PendingMail.Of(MailTemplate.PasswordChanged, current.Email, clock)) is { } done
                ? (done with { EmailConfirmed = true }).Recorded(current, AccountEvents.Themselves(current.Id, context), clock, AccountEvents.Reset)
                : null,
            cancellation);
        if (changed is null) { return Failures.LinkUnusable(); }
        link.Succeeded();
        mail.SendAfter(context, changed.Value.Id);
        return TypedResults.NoContent();
    }
}
