using CustomerFunctions.Accounts;

namespace CustomerFunctions.IdentityProvider;

/// <summary>
/// Which of the provider's users speaks for an account, and what that does to it. An account that users were joined to is open while one of them exists at the provider. Only the disabling
/// that a deletion caused is undone by another user; one by staff stays.
/// </summary>
internal static class IdentityRules
{
    /// <summary>Users that wait for the current one's deletion. A provider keeps addresses unique, so more than one is rare.</summary>
    public const int MaxWaiting = 10;

    /// <summary>Whether the user is the account's, now or once the current user is deleted.</summary>
    public static bool Carries(Account account, string userId) =>
        account.Identity is { } identity && (identity.UserId == userId || Waiting(identity).Any(waiting => waiting.UserId == userId));

    /// <summary>
    /// Joins a user whose proven address is the account's proven address. Without a live user it takes the account over; otherwise it waits, because the events of two users are not ordered and
    /// the deletion of the current one may arrive later. Null when the event is stale or too many wait.
    /// </summary>
    public static Account? Join(Account account, string userId, long version)
    {
        if (account.Identity is not { } identity) { return account with { Identity = new AccountIdentity(userId, version) }; }
        if (identity.UserId == userId) { return identity.Version >= version ? null : Revive(account, identity with { Version = version }); }
        if (identity.Deleted) { return Revive(account, new AccountIdentity(userId, version, Closed: identity.Closed)); }
        if (Waiting(identity).FirstOrDefault(waiting => waiting.UserId == userId)?.Version >= version) { return null; }
        WaitingIdentity[] others = [.. Waiting(identity).Where(waiting => waiting.UserId != userId)];
        return others.Length >= MaxWaiting ? null : account with { Identity = identity with { Waiting = [.. others, new WaitingIdentity(userId, version)] } };
    }

    /// <summary>Removes a user that waits and has moved to another address.</summary>
    public static Account Leave(Account account, string userId) =>
        account with { Identity = account.Identity! with { Waiting = [.. Waiting(account.Identity!).Where(waiting => waiting.UserId != userId)] } };

    /// <summary>Applies a deletion. Null when it is stale or the user is not the account's.</summary>
    public static Account? Delete(Account account, string userId, long version)
    {
        if (account.Identity is not { } identity) { return null; }
        if (identity.UserId != userId)
        {
            return Waiting(identity).Any(waiting => waiting.UserId == userId && waiting.Version < version) ? Leave(account, userId) : null;
        }
        // A deletion that is sent again must not disable an account that staff has enabled since.
        if (identity.Deleted || identity.Version >= version) { return null; }
        var ended = account with { Sessions = [], SecurityVersion = account.SecurityVersion + 1 };
        return Waiting(identity) is [var next, .. var rest]
            ? ended with { Identity = new AccountIdentity(next.UserId, next.Version, Waiting: rest) }
            : ended with { Disabled = true, Identity = identity with { Version = version, Deleted = true, Closed = identity.Closed || !account.Disabled } };
    }

    /// <summary>Staff decided whether the account is disabled, so the provider's events no longer undo it.</summary>
    public static Account DecidedByStaff(Account account) => account.Identity is { Closed: true } identity ? account with { Identity = identity with { Closed = false } } : account;

    private static Account Revive(Account account, AccountIdentity identity) =>
        account with { Disabled = account.Disabled && !identity.Closed, Identity = identity with { Deleted = false, Closed = false } };

    private static WaitingIdentity[] Waiting(AccountIdentity identity) => [.. identity.Waiting ?? []];
}
