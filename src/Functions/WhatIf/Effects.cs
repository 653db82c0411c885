using CustomerFunctions.Access;
using CustomerFunctions.ApiKeys;
using CustomerFunctions.Customers;
using CustomerFunctions.Members;
using CustomerFunctions.Migrations;
using CustomerFunctions.Roles;
using CustomerFunctions.ServiceAccounts;

namespace CustomerFunctions.WhatIf;

/// <summary>
/// What a change would do to whom, as pure functions of what there is. They take the very record that the change would write, so that the answer follows the rules and does not restate them.
/// </summary>
internal static class Effects
{
    /// <summary>Of placing a hold; none when it is there already.</summary>
    public static IReadOnlyList<Effect> OfSuspending(Customer before, Customer after, Owned owned, DateTimeOffset now) =>
        ReferenceEquals(before, after) ? [] : [new Effect("holdPlaced", before.Id, now), .. OfLosingStanding(before, owned, now)];

    /// <summary>Of closing a customer, to the day it is purged.</summary>
    public static IReadOnlyList<Effect> OfClosing(Customer before, Customer after, Owned owned, DateTimeOffset now) =>
    [
        new Effect("customerCloses", before.Id, now),
        .. OfLosingStanding(before, owned, now),
        .. before.TrialDueAt is not null ? new[] { new Effect("trialEndCancelled", before.Id, before.Trial.EndsAt) } : [],
        new Effect("purge", before.Id, after.PurgeDueAt),
    ];

    /// <summary>Of extending a trial: the reminder and the end that it will have.</summary>
    public static IReadOnlyList<Effect> OfExtendingTrial(Customer before, Customer after, DateTimeOffset now) =>
    [
        .. before.Trial.Status == TrialStatus.Active ? Array.Empty<Effect>() : [new Effect("trialResumes", before.Id, now)],
        .. after.Trial.DueAt() is { } due && due < after.Trial.EndsAt ? new[] { new Effect("trialReminder", before.Id, due) } : [],
        new Effect("trialEnds", before.Id, after.Trial.EndsAt),
    ];

    /// <summary>Of revoking a key: refused on every instance when what the others remember is too old.</summary>
    public static IReadOnlyList<Effect> OfRevoking(ApiKey before, ApiKey after, DateTimeOffset now) => ReferenceEquals(before, after) ? [] :
    [
        new Effect("keyRevoked", before.Id, now),
        .. before.StateAt(now) == ApiKeyState.Active ? new[] { new Effect("keyStops", before.Id, now + Authenticator.Freshness) } : [],
    ];

    /// <summary>Of removing a member: what the person has made goes with it or stays, as the request says.</summary>
    public static IReadOnlyList<Effect> OfRemoving(Customer before, Customer after, string accountId, IReadOnlyList<ApiKey> all, bool revokesKeys, bool revokesInvitations, DateTimeOffset now)
    {
        var leaves = !ReferenceEquals(before, after);
        var keys = LeftBehind.Keys(accountId, all, now);
        var invitations = LeftBehind.Invitations(accountId, before, now);
        return
        [
            .. leaves && before.Status == CustomerStatus.Active ? new[] { new Effect("memberLosesAccess", accountId, now) } : [],
            .. revokesKeys ? keys.SelectMany(key => OfRevoking(key, key.Revoke(accountId, now), now))
                : leaves ? keys.Select(key => new Effect("keyStays", key.Id, key.ExpiresAt)) : [],
            .. revokesInvitations ? invitations.Select(invitation => new Effect("invitationRevoked", invitation.Id, now))
                : leaves ? invitations.Select(invitation => new Effect("invitationStays", invitation.Id, invitation.ExpiresAt)) : [],
        ];
    }

    /// <summary>Of rotating now: the keys that go, and when the schedule comes again.</summary>
    public static IReadOnlyList<Effect> OfRotating(ServiceAccount account, bool customerIsActive, bool isEmergency, DateTimeOffset now) =>
    [
        new Effect("keyIssued", account.Id, now),
        // An emergency ends every overlap, also those that have begun.
        .. isEmergency
            ? account.Keys.Where(key => key.State is KeyState.Current or KeyState.Retiring).Select(key => new Effect("keyRevoked", key.Id, now))
            : account.Keys.Where(key => key.State == KeyState.Current).Select(key => new Effect("keyRetires", key.Id, customerIsActive ? now + account.Policy.Overlap : null)),
        new Effect("nextRotation", account.Id, customerIsActive ? RotationSchedule.Next(account.Id, account.Policy, now) : null),
    ];

    /// <summary>Of suspending a service account; none when it is suspended already.</summary>
    public static IReadOnlyList<Effect> OfSuspending(ServiceAccount before, ServiceAccount after, DateTimeOffset now) => ReferenceEquals(before, after) ? [] :
    [
        .. before.Current?.Hash is not null ? new[] { new Effect("serviceAccountStops", before.Id, now + Authenticator.Freshness) } : [],
        .. OfLosingSecret(before, now),
        .. OfLosingRoles(before, now),
        new Effect("rotationPauses", before.Id, before.WorkDueAt),
    ];

    /// <summary>Of deleting a service account: its keys one by one, its secret, and the account itself.</summary>
    public static IReadOnlyList<Effect> OfDeleting(ServiceAccount before, ServiceAccount after, DateTimeOffset now) => ReferenceEquals(before, after) ? [] :
    [
        .. before.Current?.Hash is not null && before.Suspension is null ? new[] { new Effect("serviceAccountStops", before.Id, now + Authenticator.Freshness) } : [],
        .. after.Keys.Except(before.Keys).Where(key => key.State == KeyState.Revoked).Select(key => new Effect("keyRevoked", key.Id, now)),
        .. OfLosingRoles(before, now),
        new Effect("secretDeleted", before.SecretName, now),
        new Effect("serviceAccountDeleted", before.Id, now),
    ];

    /// <summary>Of migrating: what is given at the target now, and what goes when the overlap is over, if nothing has to be waited for.</summary>
    public static IReadOnlyList<Effect> OfMigrating(ServiceAccount account, MigrationTarget target, DateTimeOffset now) =>
    [
        .. target.Given.Select(assignment => new Effect("roleGiven", assignment, now)),
        .. target.Keys is null ? [] : new[] { new Effect("keyIssued", account.Id, now), new Effect("keyRetires", account.Current!.Id, now + account.Policy.Overlap), new Effect("resourceLeft", account.ResourceId!, now + account.Policy.Overlap) },
        .. target.Roles is null ? [] : account.Azure?.LastCheck?.Held.Where(role => RoleRules.IsWithin(role.Scope, account.Azure.Scope!)).Select(role => new Effect("roleTaken", role.AssignmentId, now + account.Policy.Overlap)) ?? [],
    ];

    /// <summary>Whoever reads the key from Key Vault no longer can.</summary>
    private static IEnumerable<Effect> OfLosingSecret(ServiceAccount account, DateTimeOffset now) => account.ResourceId is null || account.Withdrawal is not null ? [] : [new Effect("secretCloses", account.SecretName, now)];

    /// <summary>What the account has in Azure, as it was when that was last looked at.</summary>
    private static IEnumerable<Effect> OfLosingRoles(ServiceAccount account, DateTimeOffset now) =>
        account.Withdrawal is not null ? [] : account.Azure?.LastCheck?.Held.Select(role => new Effect("roleTaken", role.AssignmentId, now)) ?? [];

    /// <summary>An account that is suspended or being deleted has stopped already.</summary>
    private static bool IsAtWork(ServiceAccount account) => account is { Suspension: null, Deletion: null };

    /// <summary>Whoever could act for the customer no longer can. Of a suspended customer that is true already.</summary>
    private static IEnumerable<Effect> OfLosingStanding(Customer customer, Owned owned, DateTimeOffset now) => customer.Status != CustomerStatus.Active ? [] :
    [
        .. customer.Members.Select(member => new Effect("memberLosesAccess", member.AccountId, now)),
        .. owned.Keys.Where(key => key.StateAt(now) == ApiKeyState.Active).Select(key => new Effect("keyStops", key.Id, now)),
        .. owned.Accounts.Where(account => IsAtWork(account) && account.Current?.Hash is not null).Select(account => new Effect("serviceAccountStops", account.Id, now)),
        .. owned.Accounts.Where(account => account.Deletion is null).SelectMany(account => OfLosingSecret(account, now).Concat(OfLosingRoles(account, now))),
        .. owned.Accounts.Where(account => IsAtWork(account) && KeyRotation.MayRest(account)).Select(account => new Effect("rotationPauses", account.Id, account.WorkDueAt)),
    ];
}
