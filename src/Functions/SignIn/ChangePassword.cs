using System.ComponentModel.DataAnnotations;
using CustomerFunctions.Access;
using CustomerFunctions.Accounts;
using CustomerFunctions.Audit;
using CustomerFunctions.Edge;
using CustomerFunctions.Mail;
using CustomerFunctions.RateLimits;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.SignIn;

/// <param name="CurrentPassword">The one that is good now.</param>
/// <param name="NewPassword">The one to be.</param>
public sealed record ChangePasswordRequest([property: Required] string? CurrentPassword = null, [property: Required] string? NewPassword = null);

/// <summary>Changes the caller's password. Every session but this one ends.</summary>
internal static class ChangePassword
{
    public static async Task<Results<NoContent, Problem>> Handle(
        ChangePasswordRequest request, Caller caller, PersonSessions sessions, AccountStore accounts, Passwords passwords, HashingGate gate, SignInBudgets budgets, RefusalLog refusals,
        MailSender mail, TimeProvider clock, HttpContext context, CancellationToken cancellation)
    {
        if (await sessions.Read(caller, cancellation) is not { } self) { return Failures.SessionOver(); }
        var checks = new Checks();
        PasswordRules.CheckGiven(checks, "/currentPassword", request.CurrentPassword);
        PasswordRules.Check(checks, "/newPassword", request.NewPassword, self.Account.Email, self.Account.Name);
        if (checks.Refusal is { } invalid) { return invalid; }

        var (place, busy) = gate.TryEnter(context);
        if (place is null) { return busy!; }
        using var held = place;
        // By account only: who changes a password has a session, and guesses its password from wherever that was taken to.
        if (await budgets.Try(Budgets.CurrentPassword, caller.Id, context.Connection.RemoteIpAddress, cancellation) is { } tooMany) { return refusals.SignIn(caller.Id, tooMany, context); }
        if (!(await passwords.Verify(self.Account, request.CurrentPassword!, place, cancellation)).Matches)
        {
            return refusals.SignIn(caller.Id, Failures.Invalid("/currentPassword", "wrong-password", "This is not the current password."), context);
        }

        var hash = await passwords.Hash(request.NewPassword!, place, cancellation);
        var note = PendingMail.Of(MailTemplate.PasswordChanged, self.Account.Email, clock);
        var changed = await accounts.Change(
            self.Stored, account => account.SignsInAs(self.Account) ? account.WithPassword(hash, self.Session.Id).WithMail(note).Recorded(account, caller, clock, "passwordChanged") : null, cancellation);
        if (changed is null) { return Failures.Busy(TimeSpan.FromSeconds(1)); }
        mail.SendAfter(context, caller.Id);
        return TypedResults.NoContent();
    }
}
