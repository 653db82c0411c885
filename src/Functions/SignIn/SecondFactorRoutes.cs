using System.ComponentModel.DataAnnotations;
using CustomerFunctions.Access;
using CustomerFunctions.Accounts;
using CustomerFunctions.Edge;
using CustomerFunctions.Mail;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.SignIn;

/// <param name="Key">For typing into an authenticator app.</param>
/// <param name="Uri">The same for a QR code.</param>
public sealed record SecondFactorSetup(string Key, string Uri);

/// <param name="Code">Of the authenticator app.</param>
public sealed record SecondFactorCode([property: Required] string? Code = null);

/// <param name="RecoveryCodes">Each good for one sign-in without the app. Shown this once.</param>
public sealed record RecoveryCodesResponse(IReadOnlyList<string> RecoveryCodes);

/// <summary>Makes a key for an authenticator app; it counts from its first code on.</summary>
internal static class SetUpSecondFactor
{
    public static async Task<Results<Ok<SecondFactorSetup>, Problem>> Handle(Caller caller, PersonSessions sessions, SecondFactors factors, AccountStore accounts, HttpResponse response, CancellationToken cancellation)
    {
        if (await sessions.Read(caller, cancellation) is not { } self) { return Failures.SessionOver(); }
        if (self.Account.HasSecondFactor) { return Failures.SecondFactorState("A second factor is set up. Remove it first."); }
        if (sessions.RefuseStale(self.Session) is { } stale) { return stale; }
        var (factor, key, uri) = factors.Prepare(self.Account);
        if (await accounts.Change(self.Stored, account => account.HasSecondFactor ? null : account with { SecondFactor = factor }, cancellation) is null) { return Failures.Busy(TimeSpan.FromSeconds(1)); }
        response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(new SecondFactorSetup(key, uri));
    }
}

/// <summary>The first code proves that the app has the key. Sessions without a second factor end, but for this one.</summary>
internal static class ConfirmSecondFactor
{
    public static async Task<Results<Ok<RecoveryCodesResponse>, Problem>> Handle(
        SecondFactorCode request, Caller caller, PersonSessions sessions, SecondFactors factors, AccountStore accounts, MailSender mail, TimeProvider clock, HttpContext context, CancellationToken cancellation)
    {
        if (await sessions.Read(caller, cancellation) is not { } self) { return Failures.SessionOver(); }
        var checks = new Checks();
        checks.Text("/code", request.Code, 20);
        if (checks.Refusal is { } invalid) { return invalid; }
        if (self.Account.SecondFactor is not { ConfirmedAt: null } prepared) { return Failures.SecondFactorState("There is nothing to confirm. Set a second factor up first."); }
        if (factors.Confirm(prepared, request.Code!) is not { } confirmed) { return Failures.Invalid("/code", "wrong-code", "The code is not what the app shows now."); }

        var (factor, codes) = SecondFactors.WithRecoveryCodes(confirmed);
        var note = PendingMail.Of(MailTemplate.SecondFactorChanged, self.Account.Email, clock);
        var changed = await accounts.Change(
            self.Stored,
            account => account.SecondFactor is { ConfirmedAt: null } current && current.ProtectedKey == prepared.ProtectedKey && account.Session(self.Session.Id) is { } session
                ? (account with { SecondFactor = factor, SecurityVersion = account.SecurityVersion + 1, Sessions = [session with { SecondFactor = true }] }).WithMail(note).Recorded(account, caller, clock, "secondFactorAdded")
                : null,
            cancellation);
        if (changed is null) { return Failures.Busy(TimeSpan.FromSeconds(1)); }
        mail.SendAfter(context, caller.Id);
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(new RecoveryCodesResponse(codes));
    }
}

/// <summary>New recovery codes in place of the old.</summary>
internal static class RenewRecoveryCodes
{
    public static async Task<Results<Ok<RecoveryCodesResponse>, Problem>> Handle(
        Caller caller, PersonSessions sessions, AccountStore accounts, TimeProvider clock, HttpResponse response, CancellationToken cancellation)
    {
        if (await sessions.Read(caller, cancellation) is not { } self) { return Failures.SessionOver(); }
        if (self.Account is not { HasSecondFactor: true, SecondFactor: { } factor }) { return Failures.SecondFactorState("There is no second factor."); }
        if (sessions.RefuseStale(self.Session) is { } stale) { return stale; }
        var (renewed, codes) = SecondFactors.WithRecoveryCodes(factor);
        var changed = await accounts.Change(
            self.Stored, account => account.SignsInAs(self.Account) ? (account with { SecondFactor = renewed }).Recorded(account, caller, clock) : null, cancellation);
        if (changed is null) { return Failures.Busy(TimeSpan.FromSeconds(1)); }
        response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(new RecoveryCodesResponse(codes));
    }
}

/// <summary>Removes the authenticator app; staff keeps its last second factor.</summary>
internal static class RemoveSecondFactor
{
    public static async Task<Results<NoContent, Problem>> Handle(
        Caller caller, PersonSessions sessions, AccountStore accounts, MailSender mail, TimeProvider clock, HttpContext context, CancellationToken cancellation)
    {
        if (await sessions.Read(caller, cancellation) is not { } self) { return Failures.SessionOver(); }
        if (self.Account.SecondFactor is null) { return Failures.SecondFactorState("There is no second factor."); }
        if (sessions.RefuseStale(self.Session) is { } stale) { return stale; }
        if (self.Account.HasSecondFactor && (self.Account with { SecondFactor = null }).LacksSecondFactor) { return Failures.LastSecondFactor(); }
        var note = PendingMail.Of(MailTemplate.SecondFactorChanged, self.Account.Email, clock);
        var changed = await accounts.Change(
            self.Stored, account => account.SignsInAs(self.Account) ? (account with { SecondFactor = null }).WithMail(note).Recorded(account, caller, clock) : null, cancellation);
        if (changed is null) { return Failures.Busy(TimeSpan.FromSeconds(1)); }
        mail.SendAfter(context, caller.Id);
        return TypedResults.NoContent();
    }
}
