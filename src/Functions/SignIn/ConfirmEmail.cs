using CustomerFunctions.Accounts;
using CustomerFunctions.Edge;
using CustomerFunctions.Mail;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.SignIn;

/// <param name="Token">From the mail.</param>
/// <param name="Password">The one that was registered with.</param>
public sealed record ConfirmEmailRequest(string? Token = null, string? Password = null);

/// <summary>Confirms an address: by the mail that only its owner gets, and the password that only who registered knows.</summary>
internal static class ConfirmEmail
{
    public static async Task<Results<NoContent, Problem>> Handle(ConfirmEmailRequest request, AccountStore accounts, MailedLinks links, Passwords passwords, TimeProvider clock, HttpContext context, CancellationToken cancellation)
    {
        var checks = new Checks();
        checks.Text("/token", request.Token, 4096, required: true);
        PasswordRules.CheckGiven(checks, "/password", request.Password);
        if (checks.Refusal is { } invalid) { return invalid; }

        if (await links.Find(request.Token!, MailTemplate.ConfirmEmail, cancellation) is not var (account, ticket)) { return Failures.LinkUnusable(); }
        if (!passwords.Verify(account.Value, request.Password!).Matches) { return Failures.SignInFailed(); }
        var changed = await accounts.Change(
            account,
            current => MailedLinks.Use(current, ticket) is { } used && used.PasswordHash == account.Value.PasswordHash
                ? (used with { EmailConfirmed = true }).Recorded(current, AccountEvents.Themselves(current.Id, context), clock)
                : null,
            cancellation);
        return changed is null ? Failures.LinkUnusable() : TypedResults.NoContent();
    }
}
