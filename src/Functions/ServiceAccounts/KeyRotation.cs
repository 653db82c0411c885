using CustomerFunctions.Migrations;

namespace CustomerFunctions.ServiceAccounts;

/// <summary>What the rotation timer has to do for an account.</summary>
internal enum DueWork
{
    Nothing,

    /// <summary>Start a rotation: the schedule asks for it, or the current key was found in public before it was current.</summary>
    Start,

    /// <summary>Go on with a rotation that has not yet published its key.</summary>
    Resume,

    /// <summary>
    /// Ask Key Vault what it hands out, and retire the old keys whose overlap is over. There may be none: after an
    /// attempt that was cut off, a late call of it is looked for (<see cref="ServiceAccount.LookAt"/>).
    /// </summary>
    Retire,
}

/// <summary>
/// The rotation state machine as pure functions: <c>claim → create → test → store → promote → settle → retire</c>. Each returns the account as it is to be saved; the
/// engine saves it under the ETag, so two instances can never both take the same transition.
/// </summary>
internal static class KeyRotation
{
    /// <summary>
    /// How long a claim lasts without being renewed. Much longer than the calls of one step may take (each is bounded), so that an instance that still works never loses it.
    /// </summary>
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(2);

    /// <summary>An instance stops acting on its lease this long before the end: an outside call that it starts is over by then.</summary>
    public static readonly TimeSpan LeaseMargin = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long after its work has ended an account is looked at once more. A call of an attempt that was cut off may
    /// arrive that late: from an instance that stood still, or from a network that held it.
    /// </summary>
    public static readonly TimeSpan LateAfter = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan ShortestPause = TimeSpan.FromMinutes(5);
    public static readonly TimeSpan LongestPause = TimeSpan.FromHours(6);

    public static DueWork Due(ServiceAccount account, DateTimeOffset now) => account switch
    {
        { Rotation.ParkedAt: not null } => DueWork.Nothing,
        { WorkDueAt: var due } when due > now => DueWork.Nothing,
        { LeasedUntil: { } until } when until > now => DueWork.Nothing,
        { Rotation.Step: RotationStep.Done or RotationStep.Settle or RotationStep.Retire, Current.LeakedAt: not null } => DueWork.Start,
        { Rotation.Step: RotationStep.Done, NextRotationAt: { } next } when next <= now => DueWork.Start,
        { Rotation.Step: RotationStep.Done, LookAt: { } look } when look <= now => DueWork.Retire,
        { Rotation.Step: RotationStep.Done } => DueWork.Nothing,
        { Rotation.Step: RotationStep.Settle or RotationStep.Retire } => DueWork.Retire,
        _ => DueWork.Resume,
    };

    /// <summary>Claims the account and starts a rotation with a new pending key. An emergency whose old keys are not retired yet goes on as one: what it has ended gets no overlap from another rotation.</summary>
    public static ServiceAccount Start(ServiceAccount account, RotationTrigger trigger, string by, string rotationId, string keyId, DateTimeOffset now, KeyPlace? place = null, string? reason = null)
    {
        if (account.Rotation is { Trigger: RotationTrigger.Emergency, Step: RotationStep.Settle or RotationStep.Retire }) { trigger = RotationTrigger.Emergency; }
        var rotation = new Rotation { Id = rotationId, Trigger = trigger, RequestedBy = by, Reason = reason, Step = RotationStep.Create, KeyId = keyId, StartedAt = now };
        return Claim(account, now) with { Rotation = rotation, Keys = [.. account.Keys, NewKey(rotation, now) with { Place = place }] };
    }

    /// <summary>
    /// Marks a version that was found in public. The current one is replaced by a rotation: a new one, or the one in
    /// progress, which is unparked. With <paramref name="endOverlap"/> the version stops working as soon as another is
    /// current; otherwise it keeps its overlap. Returns the same account when nothing is left to do.
    /// </summary>
    /// <remarks>
    /// A live claim is never taken over: its holder may be about to put the leaked key back. This write makes the
    /// holder's next save fail, and the rotation starts when the claim has ended.
    /// </remarks>
    public static ServiceAccount Leaked(ServiceAccount account, KeyVersion leaked, bool endOverlap, string by, string rotationId, string keyId, DateTimeOffset now)
    {
        if (leaked.State is not (KeyState.Current or KeyState.Retiring or KeyState.Pending)) { return account; }
        if (endOverlap ? leaked is { LeakedAt: not null, HasGrace: false } : leaked.LeakedAt is not null || leaked.State == KeyState.Retiring) { return account; }
        account = account with
        {
            Keys = Change(account, leaked.Id, key => key with { LeakedAt = key.LeakedAt ?? now, HasGrace = !endOverlap, RetireAt = key.State == KeyState.Retiring ? now : key.RetireAt }),
            Rotation = account.Rotation.ParkedAt is null ? account.Rotation : account.Rotation with { ParkedAt = null, Attempts = 0 },
        };
        if (account.LeasedUntil > now) { return account with { LookAt = account.LookAt ?? now + LateAfter }; }
        return leaked.State == KeyState.Current && account.Rotation.Step is RotationStep.Done or RotationStep.Settle or RotationStep.Retire
            ? Start(account, RotationTrigger.Leak, by, rotationId, keyId, now)
            : account with { WorkDueAt = now };
    }

    /// <summary>
    /// Somebody cannot wait: a new key now, and no overlap for any other. One that is under way and stands still becomes this one.
    /// </summary>
    public static ServiceAccount Emergency(ServiceAccount account, string by, string reason, string rotationId, string keyId, DateTimeOffset now)
    {
        if (account.Rotation.Step is RotationStep.Done or RotationStep.Settle or RotationStep.Retire) { account = Start(account, RotationTrigger.Emergency, by, rotationId, keyId, now); }
        return Claim(account, now) with
        {
            Rotation = account.Rotation with { Trigger = RotationTrigger.Emergency, RequestedBy = by, Reason = reason, ParkedAt = null, Attempts = 0 },
            Keys = Change(account, account.Rotation.KeyId, key => key with { Trigger = RotationTrigger.Emergency, Reason = reason, CreatedBy = by }),
        };
    }

    /// <summary>The current key's value is lost to everybody: another takes its place at once. The keys before it, which may be all that anybody has, get an overlap when that one is current.</summary>
    public static ServiceAccount Replace(ServiceAccount account, string rotationId, string keyId, DateTimeOffset now) =>
        Start(account, RotationTrigger.Scheduled, "rotation", rotationId, keyId, now, reason: "The current key was gone from Key Vault.");

    /// <summary>
    /// Takes the account's work for <see cref="Lease"/>, or renews a claim. Where a claim ran out, its holder died or
    /// stands still, and a call of it may arrive late.
    /// </summary>
    public static ServiceAccount Claim(ServiceAccount account, DateTimeOffset now) => account with
    {
        LeasedUntil = now + Lease,
        WorkDueAt = now + Lease,
        PausedAt = null,
        LookAt = account.LeasedUntil <= now ? account.LookAt ?? now + LateAfter : account.LookAt,
    };

    /// <summary>The account with a look at its secret to come, because a call may arrive late.</summary>
    public static ServiceAccount LookingAgain(ServiceAccount account, DateTimeOffset now)
    {
        account = account with { LookAt = now + LateAfter };
        return account is { LeasedUntil: null, Rotation: { ParkedAt: null, Step: RotationStep.Done or RotationStep.Settle } } && account.WorkDueAt > account.LookAt
            ? account with { WorkDueAt = account.LookAt.Value }
            : account;
    }

    /// <summary>
    /// When an account without a rotation in progress comes due: at once if its current key was found in public, else
    /// for the look at its secret or the next rotation, whichever is first.
    /// </summary>
    public static DateTimeOffset IdleUntil(ServiceAccount account)
    {
        if (account.Current?.LeakedAt is { } leaked) { return leaked; }
        var next = account.NextRotationAt ?? DateTimeOffset.MaxValue;
        return account.LookAt < next ? account.LookAt.Value : next;
    }

    /// <summary>
    /// Gives up a pending key whose value is lost and starts over with another. The lost one stays accepted as long as an overlap lasts: an instance that was only held up may
    /// publish it yet.
    /// </summary>
    public static ServiceAccount Reissue(ServiceAccount account, string keyId, DateTimeOffset now)
    {
        var lost = account.Pending;
        var kept = account.Keys.Where(key => key != lost);
        if ((lost?.Hash ?? lost?.ProviderKeyId) is not null) { kept = kept.Append(lost! with { State = KeyState.Retiring, RetireAt = now + account.Policy.Overlap }); }
        var rotation = account.Rotation with { Step = RotationStep.Create, KeyId = keyId };
        return Claim(account, now) with { Rotation = rotation, Keys = [.. kept, NewKey(rotation, now)] };
    }

    /// <summary>What the provider has is known, so that what is added next can be told from it.</summary>
    public static ServiceAccount Prepared(ServiceAccount account, IReadOnlyList<string> providerKeys, DateTimeOffset now) => Claim(account, now) with
    {
        Rotation = account.Rotation with { ProviderKeys = providerKeys },
    };

    /// <summary>The rotation is to publish into another secret; until it is promoted, the account's is what it was.</summary>
    public static ServiceAccount Moving(ServiceAccount account, string freshSecret, DateTimeOffset now) => Claim(account, now) with { Rotation = account.Rotation with { FreshSecret = freshSecret } };

    /// <summary>The credential exists and is accepted; from here on its value may have been published.</summary>
    public static ServiceAccount Created(ServiceAccount account, string? slot, string? hash, DateTimeOffset now, string? providerKeyId = null, DateTimeOffset? expiresAt = null) => Claim(account, now) with
    {
        Rotation = account.Rotation with { Step = RotationStep.Test },
        Keys = Change(account, account.Rotation.KeyId, key => key with { Slot = slot, Hash = hash, ProviderKeyId = providerKeyId, ExpiresAt = expiresAt, Renewal = null, IssuedAt = now }),
    };

    /// <summary>
    /// The new key is the newest version in Key Vault: it is current, and the one before begins to retire. So do the keys that were given up on the way, since one of them may
    /// have been the newest version until now.
    /// </summary>
    public static ServiceAccount Promoted(ServiceAccount account, string vaultVersion, DateTimeOffset now, bool isPublishedOnce = false, DateTimeOffset? expiresAt = null)
    {
        account = MigrationSteps.SwitchedToPendingPlace(InFreshSecret(account), now);
        IEnumerable<KeyVersion> keys = account.Keys.Select(key =>
            key.Id == account.Rotation.KeyId ? key with { State = KeyState.Current, VaultVersion = vaultVersion, IsPublishedOnce = isPublishedOnce, SecretName = null, ActivatedAt = now, ExpiresAt = expiresAt }
            : key.State is KeyState.Current or KeyState.Retiring ? key with { State = KeyState.Retiring, RetireAt = HasOverlap(account, key) ? now + account.Policy.Overlap : now }
            : key);
        return KeyRetirement.Release(account with
        {
            Keys = [.. keys],
            Rotation = account.Rotation with { Step = RotationStep.Settle, PromotedAt = now, Attempts = 0, LastFailure = null },
            NextRotationAt = RotationSchedule.Next(account.Id, account.Policy, now, expiresAt),
            SecretVersions = account.Current is null ? 1 : account.SecretVersions + 1,
            MarginAlarmedAt = null,
            WaitingSince = null,
            LookAt = account.LookAt is null ? null : now + LateAfter,
        }, now);
    }

    /// <summary>Whether a key that another replaces stays good for an overlap.</summary>
    public static bool HasOverlap(ServiceAccount account, KeyVersion key) => account.Rotation.Trigger != RotationTrigger.Emergency && (key.LeakedAt is null || key.HasGrace);

    /// <summary>With a fresh secret, where the rotation has published into one: the keys before are in the old one.</summary>
    private static ServiceAccount InFreshSecret(ServiceAccount account) => account.Rotation.FreshSecret is not { } fresh || fresh == account.SecretName ? account : account with
    {
        SecretName = fresh,
        SecretVersions = 0,
        FullSecrets = [.. account.FullSecrets ?? [], account.SecretName],
        Keys = [.. account.Keys.Select(key => key with { SecretName = key.SecretName ?? account.SecretName })],
    };

    /// <summary>
    /// A step failed: let go of the account, say why, and come back when <see cref="RotationRetries"/> says, or park it. A key that failed its test was never published, so the next attempt
    /// makes another, unless it can be read again and has failed for less than <see cref="CredentialTrial.SameKeyTime"/>.
    /// </summary>
    public static ServiceAccount Failed(ServiceAccount account, RotationStep step, string reason, double jitter, DateTimeOffset now)
    {
        // The call that failed may still be carried out.
        account = account with { LookAt = now + LateAfter };
        // A look at the secret has no attempts to use up: an account must not be parked because of it.
        if (step == RotationStep.Done) { return BackOff(account, step, reason, IdleUntil(account), now); }
        var attempts = account.Rotation.Attempts + 1;
        var wait = RotationRetries.WaitAfter(attempts);
        account = BackOff(account, step, reason, wait is { } time ? now + (time * (1 + (jitter * RotationRetries.Jitter))) : DateTimeOffset.MaxValue, now);
        return account with { Rotation = account.Rotation with { Attempts = attempts, ParkedAt = wait is null ? now : null } };
    }

    /// <summary>A service wants to be left alone until then. That is no failed attempt: it would end by itself.</summary>
    public static ServiceAccount Throttled(ServiceAccount account, RotationStep step, string reason, DateTimeOffset until, DateTimeOffset now) => BackOff(account, step, reason, Spread(account, until), now);

    /// <summary>
    /// An account of which <see cref="Due"/> says that there is nothing to do, due when there is: else every run would find it before those that have waited for less long. One that an instance is at is left to that.
    /// </summary>
    public static ServiceAccount NothingDue(ServiceAccount account, DateTimeOffset now) => account.WorkDueAt > now || account.LeasedUntil > now ? account : account with
    {
        WorkDueAt = account.Rotation.ParkedAt is not null ? DateTimeOffset.MaxValue : IdleUntil(account),
    };

    /// <summary>Nothing is tried before then.</summary>
    public static ServiceAccount Postpone(ServiceAccount account, DateTimeOffset until) => account with { WorkDueAt = Spread(account, until) };

    /// <summary>Takes a parked account up again, with all its attempts before it.</summary>
    public static ServiceAccount Unpark(ServiceAccount account, DateTimeOffset now) => Claim(account, now) with { Rotation = account.Rotation with { ParkedAt = null, Attempts = 0 } };

    /// <summary>Whether the work may rest while the account is suspended, or its customer is suspended or closed. What follows a leak or an emergency may not: a storage key opens its account all the same.</summary>
    public static bool MayRest(ServiceAccount account) =>
        (account.Rotation.Trigger != RotationTrigger.Leak || account.Rotation.PromotedAt is not null)
        && account.Rotation is not { Trigger: RotationTrigger.Emergency, Step: not RotationStep.Done }
        && !account.Keys.Any(key => key.LeakedAt is not null && (key.State is KeyState.Current or KeyState.Pending || key is { State: KeyState.Retiring, HasGrace: false }));

    /// <summary>
    /// Whether the work has to wait because the account is being restored: what it published now would be a version that nobody may read, and if the process died right after that, nobody would open it with the
    /// others. Once a key has been made, that may have happened already; then the rotation goes on, and what it has published is opened with them.
    /// </summary>
    public static bool WaitsForSecret(ServiceAccount account) => account.IsSecretWithdrawn && !MayHavePublished(account);

    /// <summary>The secret can be read again. What a process that died has published meanwhile is a version that nobody knows of, and so nobody has opened: its rotation rests no longer.</summary>
    public static ServiceAccount SecretGivenBack(ServiceAccount account, DateTimeOffset now) =>
        MayHavePublished(account) && account.Rotation.ParkedAt is null && !(account.LeasedUntil > now) ? account with { WorkDueAt = now } : account;

    private static bool MayHavePublished(ServiceAccount account) => account.Rotation.Step is RotationStep.Test or RotationStep.Store or RotationStep.Promote;

    /// <summary>
    /// Lets the work rest: the account is suspended, or its customer is suspended or closed. It is looked at again after as long as it has rested, at least five minutes and at most six hours, so that
    /// what rests for long costs little.
    /// </summary>
    public static ServiceAccount Pause(ServiceAccount account, DateTimeOffset now)
    {
        var since = account.PausedAt ?? now;
        var wait = TimeSpan.FromTicks(Math.Clamp((now - since).Ticks, ShortestPause.Ticks, LongestPause.Ticks));
        return account with { PausedAt = since, LeasedUntil = null, WorkDueAt = now + wait };
    }

    /// <summary>
    /// Goes on exactly where it rested. An overlap that ran out meanwhile begins again, where there is one: whoever was held off with its customer has had no use of it, and reads the current key
    /// within an overlap, as always.
    /// </summary>
    public static ServiceAccount Resume(ServiceAccount account, DateTimeOffset now)
    {
        IReadOnlyList<KeyVersion> keys = [.. account.Keys.Select(key => key.State == KeyState.Retiring && HasOverlap(account, key) && key.RetireAt <= now ? key with { RetireAt = now + account.Policy.Overlap } : key)];
        var settles = account.Rotation.Step is RotationStep.Settle or RotationStep.Retire;
        var retirement = keys.Where(key => key.State == KeyState.Retiring).Min(key => key.RetireAt) ?? now;
        return account with { PausedAt = null, Keys = keys, WorkDueAt = !settles ? now : account.LookAt < retirement ? account.LookAt.Value : retirement };
    }

    /// <summary>A scheduled rotation that is due may not start before <paramref name="until"/>.</summary>
    public static ServiceAccount Wait(ServiceAccount account, DateTimeOffset until) => account with { WaitingSince = account.DueSince, NextRotationAt = until, WorkDueAt = until };

    /// <summary>
    /// Another policy: the next rotation is planned anew from the last promotion, and comes at once when that is too long ago. The key that is out ends when it was to end, and so does an overlap that
    /// has begun: a longer interval is that of the next key. Of a key whose end is not known the plan stays, unless it comes sooner now. What rests because it was due rests anew when it is.
    /// </summary>
    public static ServiceAccount Changed(ServiceAccount account, RotationPolicy policy)
    {
        account = account with { Policy = policy };
        if (account.Current is not { ActivatedAt: { } activated } current) { return account; }
        var next = RotationSchedule.Next(account.Id, policy, activated, current.ExpiresAt);
        account = account with { NextRotationAt = current.ExpiresAt is null && account.NextRotationAt < next ? account.NextRotationAt : next, WaitingSince = null };
        return account.Rotation.Step == RotationStep.Done && account.LeasedUntil is null ? account with { WorkDueAt = IdleUntil(account), PausedAt = null } : account;
    }

    private static ServiceAccount BackOff(ServiceAccount account, RotationStep step, string reason, DateTimeOffset until, DateTimeOffset now) => account with
    {
        Rotation = account.Rotation with { Step = step == RotationStep.Test && !IsTriedAgain(account, now) ? RotationStep.Create : step, LastFailure = new RotationFailure(step, reason, now) },
        LeasedUntil = null,
        WorkDueAt = until,
    };

    /// <summary>Whether the next attempt tries the same key: a resource shows its keys again, and may take a while to accept a new one.</summary>
    private static bool IsTriedAgain(ServiceAccount account, DateTimeOffset now) => account.Pending is { Slot: not null, IssuedAt: { } issued } && now - issued < CredentialTrial.SameKeyTime;

    /// <summary>Up to a minute later, at the account's own place, so that what waited for one thing does not come back to it at once.</summary>
    public static DateTimeOffset Spread(ServiceAccount account, DateTimeOffset until) => until + (RotationSchedule.ShareOf(account.Id) * TimeSpan.FromMinutes(1));

    private static IReadOnlyList<KeyVersion> Change(ServiceAccount account, string keyId, Func<KeyVersion, KeyVersion> change) =>
        [.. account.Keys.Select(key => key.Id == keyId ? change(key) : key)];

    private static KeyVersion NewKey(Rotation rotation, DateTimeOffset now) =>
        new() { Id = rotation.KeyId, State = KeyState.Pending, RotationId = rotation.Id, Trigger = rotation.Trigger, Reason = rotation.Reason, CreatedAt = now, CreatedBy = rotation.RequestedBy };
}
