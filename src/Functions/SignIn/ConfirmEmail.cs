using System.ComponentModel.DataAnnotations;
using CustomerFunctions.Accounts;
using CustomerFunctions.Audit;
using CustomerFunctions.Edge;
using CustomerFunctions.Mail;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.SignIn;

/// <param name="Token">From the mail.</param>
/// <param name="Password">The one that was registered with.</param>
public sealed record ConfirmEmailRequest([property: Required] string? Token = null, [property: Required] string? Password = null);

/// <summary>Confirms an address: by the mail that only its owner gets, and the password that only who registered knows.</summary>
internal static class ConfirmEmail
{
    public static async Task<Results<NoContent, Problem>> Handle(
        ConfirmEmailRequest request, AccountStore accounts, MailedLinks links, Passwords passwords, HashingGate gate, RefusalLog refusals, TimeProvider clock, HttpContext context,
        CancellationToken cancellation)
    {
        var checks = new Checks();
        checks.Text("/token", request.Token, 4096);
        PasswordRules.CheckGiven(checks, "/password", request.Password);
        if (checks.Refusal is { } invalid) { return invalid; }

        var (place, busy) = gate.TryEnter(context);
        if (place is null) { return busy!; }
        using var held = place;
        var (link, refusal) = await links.Try(request.Token!, [MailTemplate.ConfirmEmail], context, cancellation);
        if (link is null) { return refusal!; }
        var (account, ticket) = (link.Account, link.Ticket);
        if (!(await passwords.Verify(account.Value, request.Password!, place, cancellation)).Matches) { return refusals.SignIn(account.Value.Id, Failures.SignInFailed(), context); }
        link.Succeeded();
        var changed = await accounts.Change(
            account,
            current => MailedLinks.Use(current, ticket) is { } used && used.PasswordHash == account.Value.PasswordHash
                ? (used with { EmailConfirmed = true }).Recorded(current, AccountEvents.Themselves(current.Id, context), clock)
                : null,
            cancellation);
        return changed is null ? Failures.LinkUnusable() : TypedResults.NoContent();
    }
}
