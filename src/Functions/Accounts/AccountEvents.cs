using System.Globalization;
using System.Text.Json.Nodes;
using CustomerFunctions.Access;
using CustomerFunctions.Audit;
using CustomerFunctions.SignIn;

namespace CustomerFunctions.Accounts;

/// <summary>
/// What a change of an account was, for the account's log. Two sights of the document say it, so no verb can forget an event; and only ids, roles and names of fields go into one, never what
/// a person is called, how one is reached or what one signs in with.
/// </summary>
internal static class AccountEvents
{
    /// <summary>Why sessions ended and passwords changed, where a verb has more to say than the document shows.</summary>
    public const string Reset = "passwordReset";

    /// <summary>The person in whose name an open route works: who shows a password or a mailed link.</summary>
    public static Caller Themselves(string accountId, HttpContext context) => new(new Principal(PrincipalKind.Person, accountId, Role: null), context);

    /// <summary>The account with the events that make <paramref name="before"/> into it; null when it is new.</summary>
    /// <param name="after">The account as it is to be stored.</param>
    /// <param name="before">As it is stored.</param>
    /// <param name="caller">Who changes it.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="reason">Why, in a word.</param>
    public static Account Recorded(this Account after, Account? before, Caller caller, TimeProvider clock, string? reason = null)
    {
        var recorded = after;
        foreach (var (action, change, target, metadata) in before is null ? [Registered(after)] : Changes(before, after, clock.GetUtcNow(), reason))
        {
            recorded = recorded.RecordedAs(action, caller, clock, change, target, metadata);
        }
        return recorded;
    }

    /// <summary>The account with an event that its fields do not show.</summary>
    public static Account RecordedAs(
        this Account account, string action, Caller caller, TimeProvider clock, AuditChange? change = null, AuditTarget? target = null, Dictionary<string, string>? metadata = null) =>
        account.Record(Event(account.Id, action, caller, clock, change, target, metadata)) with { AuditPurgeDueAt = account.AuditPurgeDueAt ?? clock.GetUtcNow() + AuditRetention.OfAccounts };

    /// <summary>The account with two events of a session that acts for another customer: for its own log and the customer's.</summary>
    public static Account RecordedSwitch(this Account account, string sessionId, string customerId, Caller caller, TimeProvider clock)
    {
        const string Action = "session.customerSwitched";
        var (session, customer) = (new AuditTarget("session", sessionId), new AuditTarget("customer", customerId));
        var own = Event(account.Id, Action, caller, clock, target: session);
        return account.Record(own with { Targets = [.. own.Targets, customer] }).Record(caller.Event(Action, customerId, session, clock))
            with { AuditPurgeDueAt = account.AuditPurgeDueAt ?? clock.GetUtcNow() + AuditRetention.OfAccounts };
    }

    /// <summary>An event in an account's own log; it is no customer's.</summary>
    public static AuditEvent Event(
        string accountId, string action, Caller caller, TimeProvider clock, AuditChange? change = null, AuditTarget? target = null, Dictionary<string, string>? metadata = null)
    {
        var account = new AuditTarget("account", accountId);
        var happened = caller.Event(action, customerId: null, account, clock, change, metadata) with { AccountId = accountId };
        return target is null ? happened : happened with { Targets = [account, target] };
    }

    private static What Registered(Account account) => new("account.registered", new AuditChange(null, RoleOf(account)));

    private static IEnumerable<What> Changes(Account before, Account after, DateTimeOffset now, string? reason)
    {
        if (after.Role != before.Role) { yield return new("account.roleChanged", new AuditChange(RoleOf(before), RoleOf(after))); }
        if (after.Disabled != before.Disabled) { yield return new(after.Disabled ? "account.disabled" : "account.enabled"); }
        if (after.Email != before.Email) { yield return new("account.emailChanged"); }
        if (after.EmailConfirmed && !before.EmailConfirmed) { yield return new("account.emailConfirmed"); }
        if (ChangedFields(before, after) is { Length: > 0 } fields) { yield return new("account.profileChanged", Metadata: new() { ["fields"] = fields }); }
        // A hash alone changes when a sign-in brings it up to date.
        if (after.PasswordHash != before.PasswordHash && after.SecurityVersion != before.SecurityVersion) { yield return new(reason == Reset ? "account.passwordReset" : "account.passwordChanged"); }
        foreach (var what in Factors(before, after).Concat(Sessions(before, after, now, reason))) { yield return what; }
    }

    private static IEnumerable<What> Factors(Account before, Account after)
    {
        if (after.HasSecondFactor && !before.HasSecondFactor) { yield return new("secondFactor.added"); }
        else if (before.HasSecondFactor && !after.HasSecondFactor) { yield return new("secondFactor.removed"); }
        else if (after.HasSecondFactor)
        {
            var (old, current) = (before.SecondFactor!.RecoveryHashes, after.SecondFactor!.RecoveryHashes);
            if (current.Except(old).Any()) { yield return new("recoveryCode.renewed"); }
            else if (current.Count < old.Count) { yield return new("recoveryCode.used", Metadata: new() { ["left"] = current.Count.ToString(CultureInfo.InvariantCulture) }); }
        }
        foreach (var id in Ids(after).Except(Ids(before))) { yield return new("passkey.added", Target: new("passkey", id)); }
        foreach (var id in Ids(before).Except(Ids(after))) { yield return new("passkey.removed", Target: new("passkey", id)); }

        static IEnumerable<string> Ids(Account account) => account.Passkeys.Select(passkey => passkey.Id);
    }

    /// <summary>A session whose time was over does not end again by being taken out.</summary>
    private static IEnumerable<What> Sessions(Account before, Account after, DateTimeOffset now, string? reason)
    {
        foreach (var gone in before.Sessions.Where(session => after.Session(session.Id) is null && SessionRules.EndsAt(session, before.IsStaff) > now))
        {
            yield return new("session.ended", Target: new("session", gone.Id), Metadata: reason is null ? null : new() { ["reason"] = reason });
        }
        foreach (var begun in after.Sessions.Where(session => before.Session(session.Id) is null))
        {
            yield return new("session.started", Target: new("session", begun.Id), Metadata: new() { ["secondFactor"] = begun.SecondFactor ? "true" : "false" });
        }
    }

    private static string ChangedFields(Account before, Account after) => string.Join(", ", new[]
    {
        (Name: "name", Changed: after.Name != before.Name),
        (Name: "avatarUrl", Changed: after.AvatarUrl != before.AvatarUrl),
        (Name: "phone", Changed: after.Phone != before.Phone),
        (Name: "timeZone", Changed: after.TimeZone != before.TimeZone),
        (Name: "preferences", Changed: !JsonNode.DeepEquals(after.Preferences, before.Preferences)),
    }.Where(field => field.Changed).Select(field => field.Name));

    private static JsonObject RoleOf(Account account) => new() { ["role"] = PlatformRoles.Name(account.Role) };

    private sealed record What(string Action, AuditChange? Change = null, AuditTarget? Target = null, Dictionary<string, string>? Metadata = null);
}
