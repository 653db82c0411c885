using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;
using CustomerFunctions.Access;
using CustomerFunctions.Accounts;
using CustomerFunctions.Edge;
using CustomerFunctions.Mail;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.SignIn;

/// <param name="Options">For <c>navigator.credentials</c>, in WebAuthn's JSON form.</param>
/// <param name="State">To be sent back with the browser's answer.</param>
public sealed record PasskeyOptions(JsonObject Options, string State);

/// <param name="State">From the options.</param>
/// <param name="Credential">The browser's answer, in WebAuthn's JSON form.</param>
/// <param name="Name">What the person calls the passkey.</param>
public sealed record AddPasskeyRequest([property: Required] string? State = null, [property: Required] JsonObject? Credential = null, string? Name = null);

/// <summary>A passkey as its owner sees it.</summary>
public sealed record PasskeyResponse(string Id, string Name, DateTimeOffset CreatedAt, DateTimeOffset? LastUsedAt, bool IsBackedUp)
{
    internal static PasskeyResponse From(Passkey passkey) => new(passkey.Id, passkey.Name, passkey.CreatedAt, passkey.LastUsedAt, passkey.IsBackedUp);
}

/// <summary>What a browser needs to make a passkey.</summary>
internal static class BeginPasskey
{
    public static async Task<Results<Ok<PasskeyOptions>, Problem>> Handle(
        Caller caller, PersonSessions sessions, PasskeyCeremonies ceremonies, Tokens tokens, TimeProvider clock, HttpContext context, CancellationToken cancellation)
    {
        if (await sessions.Read(caller, cancellation) is not { } self) { return Failures.SessionOver(); }
        if (sessions.RefuseStale(self.Session) is { } stale) { return stale; }
        var (options, state) = await ceremonies.AskToCreate(self.Account, context);
        return TypedResults.Ok(new PasskeyOptions(options, tokens.Write(new PasskeyTicket(state, caller.Id, clock.GetUtcNow()))));
    }
}

/// <summary>Keeps a passkey that the browser has made.</summary>
internal static class AddPasskey
{
    private const int Most = 20;

    /// <summary>WebAuthn's AuthenticatorTransport; what a browser says beyond it is left out.</summary>
    private static readonly string[] Transports = ["usb", "nfc", "ble", "smart-card", "hybrid", "internal"];

    public static async Task<Results<Created<PasskeyResponse>, Problem>> Handle(
        AddPasskeyRequest request, Caller caller, PersonSessions sessions, PasskeyCeremonies ceremonies, AccountStore accounts, Tokens tokens, MailSender mail, TimeProvider clock, HttpContext context,
        CancellationToken cancellation)
    {
        if (await sessions.Read(caller, cancellation) is not { } self) { return Failures.SessionOver(); }
        var checks = new Checks();
        checks.Text("/state", request.State, Tokens.MaxLength);
        checks.Text("/name", request.Name, 100);
        if (checks.Refusal is { } invalid) { return invalid; }
        if (self.Account.Passkeys.Count >= Most) { return Failures.TooManyPasskeys(Most); }

        var now = clock.GetUtcNow();
        if (tokens.Passkey(request.State) is not { } ticket || ticket.AccountId != caller.Id || !ticket.IsGood(now)) { return Failures.PasskeyUnusable(); }
        if (await ceremonies.Created(self.Account, request.Credential!, ticket.State, context) is not { } made) { return Failures.PasskeyUnusable(); }

        var passkey = new Passkey(
            PasskeyCeremonies.Id(made.CredentialId), (request.Name is null ? "Passkey" : PlainText.Clean(request.Name)), made.PublicKey, now, made.SignCount, [.. Transports.Intersect(made.Transports ?? [])], made.IsBackupEligible, made.IsBackedUp);
        var note = PendingMail.Of(MailTemplate.PasskeysChanged, self.Account.Email, clock);
        var changed = await accounts.Change(
            self.Stored,
            account => account.Passkeys.Count < Most && account.Passkeys.All(other => other.Id != passkey.Id) && account.Session(self.Session.Id) is { } session ? account.With(passkey, session).WithMail(note).Recorded(account, caller, clock, "passkeyAdded") : null,
            cancellation);
        if (changed is null) { return Failures.PasskeyUnusable(); }
        mail.SendAfter(context, caller.Id);
        return TypedResults.Created($"/api/auth/passkeys/{passkey.Id}", PasskeyResponse.From(passkey));
    }
}

/// <summary>The person's passkeys.</summary>
internal static class ListPasskeys
{
    public static async Task<Results<Ok<PageOf<PasskeyResponse>>, Problem>> Handle(Caller caller, PersonSessions sessions, CancellationToken cancellation)
    {
        if (await sessions.Read(caller, cancellation) is not { } self) { return Failures.SessionOver(); }
        return TypedResults.Ok(new PageOf<PasskeyResponse>([.. self.Account.Passkeys.Select(PasskeyResponse.From)], NextLink: null));
    }
}

/// <summary>Removes one of the person's passkeys; staff keeps its last second factor.</summary>
internal static class RemovePasskey
{
    public static async Task<Results<NoContent, Problem>> Handle(
        string passkeyId, Caller caller, PersonSessions sessions, AccountStore accounts, MailSender mail, TimeProvider clock, HttpContext context, CancellationToken cancellation)
    {
        if (await sessions.Read(caller, cancellation) is not { } self) { return Failures.SessionOver(); }
        if (sessions.RefuseStale(self.Session) is { } stale) { return stale; }
        var note = PendingMail.Of(MailTemplate.PasskeysChanged, self.Account.Email, clock);
        var refusal = Failures.NotFound("passkey");
        var changed = await accounts.Change(
            self.Stored,
            account =>
            {
                var after = account with { Passkeys = [.. account.Passkeys.Where(passkey => passkey.Id != passkeyId)] };
                if (after.LacksSecondFactor && !account.LacksSecondFactor) { refusal = Failures.LastSecondFactor(); return null; }
                return after.Passkeys.Count == account.Passkeys.Count ? null : after.WithMail(note).Recorded(account, caller, clock);
            },
            cancellation);
        if (changed is null) { return refusal; }
        mail.SendAfter(context, caller.Id);
        return TypedResults.NoContent();
    }
}
