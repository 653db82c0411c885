using CustomerFunctions.Access;
using CustomerFunctions.Customers;
using CustomerFunctions.Roles;

namespace CustomerFunctions.ServiceAccounts;

/// <summary>Why, when and by whom an account was suspended.</summary>
/// <param name="Reason">For people.</param>
/// <param name="At">Since when.</param>
/// <param name="By">Who did it.</param>
/// <param name="ByStaff">Then only staff restore it.</param>
public sealed record Suspension(string Reason, DateTimeOffset At, string By, bool ByStaff);

/// <summary>What an account had outside this app when it, or its customer, was suspended. Written down before anything is taken away, and given back exactly.</summary>
internal sealed record Withdrawal
{
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When nothing was left to take; null while some of it may still be there.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>The versions of its secret that could be read, and those that a rotation has published meanwhile.</summary>
    public IReadOnlyList<string> SecretVersions { get; init; } = [];

    /// <summary>
    /// When the secret's versions are listed once more: a version that a rotation had sent before the suspension may
    /// arrive after it, and can be read. Null once that is done, and for accounts without a resource.
    /// </summary>
    public DateTimeOffset? LooksAgainAt { get; init; }

    /// <summary>Whether the versions have been looked for.</summary>
    public bool AreVersionsKnown { get; init; }

    /// <summary>What its service principal could do in Azure.</summary>
    public WithdrawnAccess? Azure { get; init; }
}

/// <summary>That the account is to go. From then on every key of it is refused, and nothing brings it back.</summary>
internal sealed record Deletion(DateTimeOffset RequestedAt, string RequestedBy)
{
    /// <summary>What its service principal keeps, because this app may not take it; null for nothing.</summary>
    public IReadOnlyList<HeldRole>? RolesLeft { get; init; }
}

/// <summary>Who is at a change of an account's standing, and what went wrong with it last.</summary>
internal sealed record LifecycleWork(DateTimeOffset? LeasedUntil = null, int Attempts = 0, string? Failure = null);

/// <summary>
/// Suspending, restoring and deleting an account, as pure functions. Each first changes what this app decides alone, in one write: from then on its keys are refused, or are not. What
/// follows outside is <see cref="LifecycleEngine"/>'s, and due until it is done.
/// </summary>
internal static class AccountLifecycle
{
    /// <summary>How long an instance has the work to itself without saving anything.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    /// <summary>What an instance has started is over this long before its lease ends.</summary>
    public static readonly TimeSpan LeaseMargin = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan LongestBackOff = TimeSpan.FromHours(1);

    /// <summary>Suspends the account; this very account when it is suspended already.</summary>
    public static ServiceAccount Suspend(ServiceAccount account, string reason, Caller caller, DateTimeOffset now) =>
        account.Suspension is not null ? account : Due(account with { Suspension = new Suspension(reason, now, caller.Id, caller.IsStaff) }, now);

    /// <summary>Lifts the suspension; this very account when there is none. A rotation that came due meanwhile goes on where it rested.</summary>
    public static ServiceAccount Restore(ServiceAccount account, DateTimeOffset now) =>
        account.Suspension is null ? account : Due(account with { Suspension = null, WorkDueAt = account.PausedAt is null ? account.WorkDueAt : now }, now);

    /// <summary>Begins the end of the account: no key of it is accepted any more, and it is never rotated again.</summary>
    public static ServiceAccount Delete(ServiceAccount account, string by, DateTimeOffset now) => account.Deletion is not null ? account : account with
    {
        Deletion = new Deletion(now, by),
        Keys = [.. account.Keys.Select(key => key.State is KeyState.Retired or KeyState.Revoked ? key : key with { State = KeyState.Revoked, RetiredAt = now, RetireAt = null })],
        WorkDueAt = DateTimeOffset.MaxValue,
        NextRotationAt = null,
        LifecycleDueAt = now,
    };

    /// <summary>The account with a version that a rotation has published: while nobody may read its secret that is disabled, and enabled with the others.</summary>
    public static ServiceAccount Published(ServiceAccount account, string version) =>
        account.IsSecretWithdrawn ? account with { Withdrawal = account.Withdrawal! with { SecretVersions = [.. account.Withdrawal.SecretVersions, version] } } : account;

    /// <summary>The account where its customer is in Azure, if it has been nowhere, or about to get the roles of its customer's plan, if it has those of another; else this very account.</summary>
    public static ServiceAccount Placed(ServiceAccount account, Customer customer, Caller caller, TimeProvider clock)
    {
        if (account.Azure is { RepairWanted: false } given && given.IsOfAnotherPlan(customer.Plan)) { return AuditServiceAccountPermissions.FollowingPlan(account, caller, clock); }
        if (account.Azure is not { Scope: null } access || customer.AzureScope is not { } scope) { return account; }
        var placed = account with { Azure = access with { Scope = scope, RepairWanted = true }, PermissionsDueAt = clock.GetUtcNow() + AuditServiceAccountPermissions.Interval };
        return placed.RecordedAsChanged("serviceAccount.permissionsChanged", account, caller, clock);
    }

    /// <summary>
    /// Whether an instance may take the work now. A rotation under way is waited for where it could make or publish a key behind the back of whoever takes keys away.
    /// </summary>
    public static bool MayClaim(ServiceAccount account, DateTimeOffset now) =>
        account.LifecycleDueAt is not null && !(account.Lifecycle?.LeasedUntil > now) && !(account.LeasedUntil > now && (account.Deletion is not null || account.ResourceId is not null));

    public static ServiceAccount Claim(ServiceAccount account, DateTimeOffset now) => account with
    {
        Lifecycle = (account.Lifecycle ?? new LifecycleWork()) with { LeasedUntil = now + Lease },
        LifecycleDueAt = now + Lease,
        Withdrawal = account.IsUnsettled ? account.Withdrawal : account.Withdrawal! with { LooksAgainAt = now + Lease },
    };

    /// <summary>Whether the versions of a closed secret are to be listed once more now.</summary>
    public static bool IsToLookAgain(Withdrawal withdrawal, DateTimeOffset now) =>
        withdrawal is { LooksAgainAt: not null, FinishedAt: { } finished } && finished + KeyRotation.LateAfter <= now;

    /// <summary>The account due when whoever is at it has to be through; as it is when nothing is to be done.</summary>
    public static ServiceAccount DueAfterLease(ServiceAccount account) =>
        account.LifecycleDueAt is null ? account : account with { LifecycleDueAt = Later(account.Lifecycle?.LeasedUntil, account.LeasedUntil) };

    /// <summary>
    /// Everything outside is as it should be. A migration in progress is due again, unless it rests with its account;
    /// a secret that was closed is looked at once more.
    /// </summary>
    public static ServiceAccount Settled(ServiceAccount account) =>
        account with { Lifecycle = null, LifecycleDueAt = account.Suspension is null && account.Withdrawal is null ? account.Migration?.NextAt : account.Withdrawal?.LooksAgainAt };

    /// <summary>Something outside did not work: let go, say why, and come back after half a minute, doubling, at most an hour, each up to a fifth later.</summary>
    public static ServiceAccount Failed(ServiceAccount account, string reason, double jitter, DateTimeOffset now)
    {
        var attempts = (account.Lifecycle?.Attempts ?? 0) + 1;
        var backOff = TimeSpan.FromSeconds(Math.Min(30 * Math.Pow(2, attempts - 1), LongestBackOff.TotalSeconds)) * (1 + (jitter / 5));
        return account with { Lifecycle = new LifecycleWork(LeasedUntil: null, attempts, reason), LifecycleDueAt = now + backOff };
    }

    /// <summary>A service wants to be left alone until then. That is no failed attempt: it would end by itself.</summary>
    public static ServiceAccount Throttled(ServiceAccount account, string reason, DateTimeOffset until) => account with
    {
        Lifecycle = (account.Lifecycle ?? new LifecycleWork()) with { LeasedUntil = null, Failure = reason },
        LifecycleDueAt = KeyRotation.Spread(account, until),
    };

    /// <summary>An account all of whose keys are checked here has nothing outside to be taken away.</summary>
    private static ServiceAccount Due(ServiceAccount account, DateTimeOffset now) =>
        account.ResourceId is null && account.Azure is null ? account : account with { LifecycleDueAt = now, Lifecycle = account.Lifecycle is { } work ? work with { Attempts = 0 } : null };

    private static DateTimeOffset? Later(DateTimeOffset? one, DateTimeOffset? other) => one is null || other > one ? other : one;
}
