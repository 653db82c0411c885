using Azure;
using CustomerFunctions.Access;
using CustomerFunctions.Customers;
using CustomerFunctions.Migrations;
using CustomerFunctions.Roles;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.ServiceAccounts;

/// <summary>What came of an account's unfinished business.</summary>
internal enum LifecycleOutcome
{
    Settled,
    Deleted,

    /// <summary>Another instance is at it, or it is not due.</summary>
    Skipped,

    /// <summary>A service wants to be left alone, or takes its time; it comes due when that may be over.</summary>
    Waiting,

    /// <summary>Something did not work; the account says what, and comes due again, unless it was a migration's last attempt.</summary>
    Failed,
}

/// <summary>
/// Does outside what <see cref="AccountLifecycle"/> has decided. What happens when the process dies: the lease runs out, the account comes due, and the timer goes on.
/// <list type="table">
/// <item><term>before a withdrawal is written down</term><description>nothing was taken: it is looked at anew.</description></item>
/// <item><term>while taking or giving back</term><description>all that is written down is taken or given back again; each part may be repeated.</description></item>
/// <item><term>while deleting</term><description>all of it is done again, but for a slot that is being made anew or has been, the record last: without it nothing would lead to the rest.</description></item>
/// </list>
/// </summary>
internal sealed partial class LifecycleEngine(
    ServiceAccountStore store, CustomerStore customers, CredentialKinds kinds, SecretVault vault, RoleKeeper roles, MigrationEngine migrations, Throttles throttles, TimeProvider clock,
    ILogger<LifecycleEngine> log)
{
    private static readonly Caller Actor = Caller.Timer(nameof(SettleServiceAccounts));

    /// <summary>Saves a decision and does what follows from it, unless another instance is at this account: then the timer does, when that one is through.</summary>
    /// <returns>Whether it was saved, and the account as it is now; null when it is gone.</returns>
    public async Task<(bool Saved, Stored<ServiceAccount>? Account)> Apply(Stored<ServiceAccount> before, ServiceAccount after, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var isMine = AccountLifecycle.MayClaim(after, now);
        if (await store.TryReplace(before, isMine ? AccountLifecycle.Claim(after, now) : AccountLifecycle.DueAfterLease(after), cancellation) is not { } saved) { return (false, before); }
        return (true, isMine ? (await RunAll(saved, cancellation)).Account : saved);
    }

    /// <summary>Does within a request what is due for an account that has just been made.</summary>
    public async Task<Stored<ServiceAccount>> GoOn(Stored<ServiceAccount> account, CancellationToken cancellation) => (await Apply(account, account.Value, cancellation)).Account ?? account;

    /// <summary>Goes on with an account that is due.</summary>
    public async Task<LifecycleOutcome> Advance(Stored<ServiceAccount> account, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var isMine = AccountLifecycle.MayClaim(account.Value, now);
        var claimed = await store.TryReplace(account, isMine ? AccountLifecycle.Claim(account.Value, now) : AccountLifecycle.DueAfterLease(account.Value), cancellation);
        return claimed is null || !isMine ? LifecycleOutcome.Skipped : (await RunAll(claimed, cancellation)).Outcome;
    }

    /// <summary>
    /// Ends an account whose customer is being removed. <see cref="LifecycleOutcome.Skipped"/> if it has changed and has
    /// to be read again; <see cref="LifecycleOutcome.Waiting"/> if another instance has a claim to it, which may be
    /// about to make or publish a key: its deletion is then decided, and due when that claim ends.
    /// </summary>
    public async Task<LifecycleOutcome> End(Stored<ServiceAccount> account, Caller caller, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var after = account.Value.Deletion is not null
            ? account.Value
            : AccountLifecycle.Delete(account.Value, caller.Id, now).RecordedAsChanged("serviceAccount.deleted", account.Value, caller, clock);
        var isMine = AccountLifecycle.MayClaim(after, now);
        if (!isMine && ReferenceEquals(after, account.Value)) { return LifecycleOutcome.Waiting; }
        after = isMine ? AccountLifecycle.Claim(after, now) : AccountLifecycle.DueAfterLease(after);
        if (await store.TryReplace(account, after, cancellation) is not { } saved) { return LifecycleOutcome.Skipped; }
        if (!isMine) { return LifecycleOutcome.Waiting; }
        var work = new Work(saved, clock);
        try
        {
            return await TryRemove(work, cancellation) ? LifecycleOutcome.Deleted : LifecycleOutcome.Skipped;
        }
        catch (StillRenewingException e)
        {
            var asked = clock.GetUtcNow();
            await SaveSetback(work.Account, AccountLifecycle.Throttled(SlotRenewal.Noted(work.Account.Value, e, asked), RotationFailures.ReasonFor(e), SlotRenewal.NextLook(e, asked)));
            throw;
        }
        catch (LeaseLostException)
        {
            return LifecycleOutcome.Skipped;
        }
    }

    /// <summary>One thing after another, each saved before the next, as long as there is one that need not wait.</summary>
    private async Task<(LifecycleOutcome Outcome, Stored<ServiceAccount>? Account)> RunAll(Stored<ServiceAccount> claimed, CancellationToken cancellation)
    {
        while (true)
        {
            var (outcome, account) = await Run(claimed, cancellation);
            if (outcome != LifecycleOutcome.Settled || account is null) { return (outcome, account); }
            var now = clock.GetUtcNow();
            if (account.Value is { Migration: { Step: MigrationStep.Switch, NextAt: null } } && account.Value.LeasedUntil > now) { return (outcome, await migrations.Rotate(account, cancellation)); }
            if (!(account.Value.LifecycleDueAt <= now) || !AccountLifecycle.MayClaim(account.Value, now)) { return (outcome, account); }
            if (await store.TryReplace(account, AccountLifecycle.Claim(account.Value, now), cancellation) is not { } again) { return (outcome, account); }
            claimed = again;
        }
    }

    private async Task<(LifecycleOutcome Outcome, Stored<ServiceAccount>? Account)> Run(Stored<ServiceAccount> claimed, CancellationToken cancellation)
    {
        var work = new Work(claimed, clock);
        if (throttles.AnythingRestsUntil(claimed.Value) is { } rested) { return (LifecycleOutcome.Waiting, await SaveSetback(work.Account, AccountLifecycle.Throttled(claimed.Value, "A service wants to be left alone for a while.", rested))); }
        // What is started under the lease is cut off before it ends, so that nobody takes away what another has just given back.
        using var leased = new CancellationTokenSource(AccountLifecycle.Lease - AccountLifecycle.LeaseMargin, clock);
        using var time = CancellationTokenSource.CreateLinkedTokenSource(leased.Token, cancellation);
        try
        {
            if (claimed.Value.Deletion is not null) { return await TryRemove(work, time.Token) ? (LifecycleOutcome.Deleted, null) : (LifecycleOutcome.Skipped, claimed); }
            var settled = await Settle(work, time.Token);
            return await store.TryReplace(work.Account, AccountLifecycle.Settled(settled), time.Token) is { } saved ? (LifecycleOutcome.Settled, saved) : (LifecycleOutcome.Skipped, work.Account);
        }
        catch (LeaseLostException)
        {
            return (LifecycleOutcome.Skipped, work.Account);
        }
        catch (StillRenewingException e)
        {
            var now = clock.GetUtcNow();
            return (LifecycleOutcome.Waiting, await SaveSetback(work.Account, AccountLifecycle.Throttled(SlotRenewal.Noted(work.Account.Value, e, now), RotationFailures.ReasonFor(e), SlotRenewal.NextLook(e, now))));
        }
        catch (Exception e) when (throttles.Note(work.IsPreparing ? MigrationSteps.SeenFromTarget(work.Account.Value) : work.Account.Value, e) is { } until)
        {
            Throttled(log, claimed.Value.Id, RotationFailures.ReasonFor(e), until);
            return (LifecycleOutcome.Waiting, await SaveSetback(work.Account, AccountLifecycle.Throttled(work.Account.Value, RotationFailures.ReasonFor(e), until)));
        }
        catch (Exception e)
        {
            NotSettled(log, claimed.Value.Id, RotationFailures.ReasonFor(e));
            return (LifecycleOutcome.Failed, await SaveFailure(work, SlotRenewal.After(work.Account.Value, e), RotationFailures.ReasonFor(e)));
        }
    }

    /// <summary>
    /// What an account has outside follows from whether it is suspended, and whether its customer is and where. An account and its customer share a partition, so the customer that is read here is no older
    /// than the last write to the account: a hold that did not find the account yet is seen.
    /// </summary>
    private async Task<ServiceAccount> Settle(Work work, CancellationToken time)
    {
        var account = work.Account.Value;
        var customer = account.HasSomethingOutside ? (await customers.Read(account.CustomerId, time))?.Value : null;
        if (account.Suspension is not null || (account.HasSomethingOutside && customer is not { Status: CustomerStatus.Active })) { return await Withdraw(work, time); }
        if (customer is not null && AccountLifecycle.Placed(account, customer, Actor, clock) is var placed && !ReferenceEquals(placed, account))
        {
            // Written down before any role is given there: a withdrawal takes what is written down.
            await Save(work, placed, time);
            account = work.Account.Value;
        }
        if (account.Withdrawal is not null)
        {
            // Saved before anything else is tried: what it cannot get besides is no reason to keep it closed.
            await Save(work, await GiveBack(work, time), time);
            account = work.Account.Value;
        }
        work.IsPreparing = MigrationSteps.IsPreparing(account, clock.GetUtcNow());
        if (account.Azure is { RepairWanted: true } access)
        {
            // A migration that is parked has nothing at its target, until somebody takes it up again.
            var check = await roles.Repair(account.Migration?.ParkedAt is null ? access : access with { Also = null }, customer!.Plan, work.EnsureLeased, time);
            account = account with { Azure = access with { RepairWanted = false, LastCheck = check, Failure = null, GivenPlan = access.Roles is null ? customer.Plan : null }, PermissionsDueAt = check.At + AuditServiceAccountPermissions.Interval };
        }
        return await migrations.Step(account, customer?.Plan ?? "", work.EnsureLeased, time);
    }

    /// <summary>Takes away what the account has outside. What that is was written down first, and stays written down.</summary>
    private async Task<ServiceAccount> Withdraw(Work work, CancellationToken time)
    {
        if (work.Account.Value.Withdrawal is null)
        {
            var azure = work.Account.Value.Azure is { } access ? await roles.Look(access, time) : null;
            await Save(work, work.Account.Value with { Withdrawal = new Withdrawal { StartedAt = clock.GetUtcNow(), Azure = azure } }, time);
        }
        var isLookingAgain = AccountLifecycle.IsToLookAgain(work.Account.Value.Withdrawal!, clock.GetUtcNow());
        if (work.Account.Value is { ResourceId: not null, Withdrawal: { } begun } && (isLookingAgain || !begun.AreVersionsKnown))
        {
            var versions = begun.SecretVersions.Union(await vault.EnabledVersions(work.Account.Value.SecretName, time)).ToList();
            if (isLookingAgain && versions.Count == begun.SecretVersions.Count) { return work.Account.Value with { Withdrawal = begun with { LooksAgainAt = null } }; }
            await Save(work, work.Account.Value with { Withdrawal = begun with { SecretVersions = versions, AreVersionsKnown = true, FinishedAt = null } }, time);
        }
        var (account, withdrawal) = (work.Account.Value, work.Account.Value.Withdrawal!);
        foreach (var version in withdrawal.SecretVersions)
        {
            work.EnsureLeased();
            await vault.SetEnabled(account.SecretName, version, enabled: false, time);
        }
        var azureLeft = withdrawal.Azure is { } taken ? await roles.Withdraw(account.Azure!, taken, work.EnsureLeased, time) : null;
        var now = clock.GetUtcNow();
        DateTimeOffset? looksAgainAt = account.ResourceId is null || isLookingAgain ? null : now + KeyRotation.LateAfter;
        return Told(account with { Withdrawal = withdrawal with { Azure = azureLeft, FinishedAt = now, LooksAgainAt = looksAgainAt } }, account);
    }

    private async Task<ServiceAccount> GiveBack(Work work, CancellationToken time)
    {
        var account = work.Account.Value;
        var before = account;
        if (account.Withdrawal?.Azure is { } azure) { account = account with { Azure = account.Azure! with { RolesLost = await roles.GiveBack(account.Azure!, azure, work.EnsureLeased, time) } }; }
        if (account.Withdrawal is { SecretVersions.Count: > 0 } withdrawal)
        {
            // An emergency or a leak is no reason to wait, so keys may have ended meanwhile. They stay what they are.
            IReadOnlyList<KeyVersion> ended = [.. account.Keys.Where(key => key.State is KeyState.Retired or KeyState.Revoked && key.RetiredAt >= withdrawal.StartedAt)];
            foreach (var version in withdrawal.SecretVersions.Except(ended.Select(key => key.VaultVersion)))
            {
                work.EnsureLeased();
                await vault.SetEnabled(account.SecretName, version!, enabled: true, time);
            }
            work.EnsureLeased();
            await vault.Disable(account, [.. ended.Where(key => !key.IsPublishedOnce)], time);
        }
        // An instance that stood still while it closed the secret may close it once more.
        if (account.IsSecretWithdrawn) { account = KeyRotation.LookingAgain(KeyRotation.SecretGivenBack(account, clock.GetUtcNow()), clock.GetUtcNow()); }
        return ToldOfLost(account with { Withdrawal = null }, before);
    }

    /// <summary>Revokes what is left of the keys, deletes the secret, takes the roles, and then the record goes, whose events are in the log by then. False when the record has changed meanwhile.</summary>
    private async Task<bool> TryRemove(Work work, CancellationToken cancellation)
    {
        var kind = kinds.Of(work.Account.Value);
        foreach (var key in KeysToEnd(work.Account.Value, kind))
        {
            work.EnsureLeased();
            try { await kind.Retire(work.Account.Value, key, cancellation); }
            catch (RequestFailedException e) when (e.Status == StatusCodes.Status404NotFound) { /* The resource is gone, and its keys with it. */ }
            if (key.Renewal is { EndedAt: null }) { await Save(work, SlotRenewal.Ended(work.Account.Value, key.Id, clock.GetUtcNow()), cancellation); }
        }
        var account = work.Account;
        if (account.Value.LookAt is not null) { await kind.RemoveStrays(account.Value, cancellation); }
        foreach (var secret in account.Value.AllSecrets)
        {
            work.EnsureLeased();
            await vault.Delete(secret, cancellation);
        }
        if (account.Value.Azure is { } access && await roles.End(access, work.EnsureLeased, cancellation) is { } left)
        {
            var told = Told(account.Value with { Deletion = account.Value.Deletion! with { RolesLeft = left } }, account.Value);
            if (await store.TryReplace(account, told, cancellation) is not { } saved) { return false; }
            account = saved;
        }
        // A partner that an instance is at is waited for: a change under its hands would take its claim away.
        if (account.Value.Policy.PairWith is { } partner && await Pairs.Part(account.Value.CustomerId, partner, account.Value.Id, store, clock, cancellation) is not null) { return false; }
        account = await store.FlushEvents(account, cancellation);
        if (account.Value.Outbox is not null) { throw new IOException("The audit log does not take the account's events."); }
        kind.Forget(account.Value);
        return await store.TryRemove(account, clock.GetUtcNow() + SecretVault.LongestRetention, cancellation);
    }

    /// <summary>One key of each slot, or each of those that overlap. A resource that a migration has left for good may be another account's by now.</summary>
    private static IEnumerable<KeyVersion> KeysToEnd(ServiceAccount account, ICredentialKind kind) => account.Keys
        .Where(key => key.State == KeyState.Revoked)
        .Where(key => key.Slot is not null || !kind.IsTwoSlot)
        .Where(key => key.Place is null || account.Migration is { IsOpen: true })
        // Of the keys that a slot has had, the one for which it is already being made anew.
        .OrderByDescending(key => key.Renewal is not null)
        .DistinctBy(key => (key.Place, key.Slot ?? key.Id));

    /// <summary>The account with what is to be said of the roles that are left; said once.</summary>
    private ServiceAccount Told(ServiceAccount account, ServiceAccount before)
    {
        var told = account.RecordedRolesLeft(before.RolesLeft, Actor, clock);
        if (!ReferenceEquals(told, account)) { RolesLeft(log, account.Id, account.RolesLeft!.Count, string.Join(", ", account.RolesLeft.Select(role => $"{role.Role} at {role.Scope}"))); }
        return told;
    }

    /// <summary>The account with what is to be said of the roles that it has lost; said once.</summary>
    private ServiceAccount ToldOfLost(ServiceAccount account, ServiceAccount before)
    {
        var told = account.RecordedRolesLost(before.RolesLost, Actor, clock);
        if (!ReferenceEquals(told, account)) { RolesLost(log, account.Id, account.RolesLost!.Count, string.Join(", ", account.RolesLost.Select(role => $"{role.Role} at {role.Scope}"))); }
        return told;
    }

    private async Task Save(Work work, ServiceAccount next, CancellationToken time) => work.Account = await store.TryReplace(work.Account, next, time) ?? throw new LeaseLostException();

    /// <summary>Says why it did not work. A migration that is being prepared has so many attempts, and somebody is told when they are over; the rest is tried until it is done.</summary>
    private async Task<Stored<ServiceAccount>> SaveFailure(Work work, ServiceAccount account, string reason)
    {
        var (now, jitter) = (clock.GetUtcNow(), Random.Shared.NextDouble());
        if (!work.IsPreparing) { return await SaveSetback(work.Account, AccountLifecycle.Failed(account, reason, jitter, now)); }
        var after = MigrationSteps.Failed(account, reason, jitter, now);
        if (after.Migration!.ParkedAt is null) { return await SaveSetback(work.Account, after); }
        MigrationParked(log, account.Id, after.Migration.Step, reason);
        return await SaveSetback(work.Account, after.RecordedMigration("serviceAccount.migrationParked", MigrationEngine.Actor, clock));
    }

    private async Task<Stored<ServiceAccount>> SaveSetback(Stored<ServiceAccount> account, ServiceAccount after) => await Setback.TrySave(store, account, after) ?? account;

    /// <summary>The account as last saved.</summary>
    private sealed class Work(Stored<ServiceAccount> claimed, TimeProvider clock)
    {
        public Stored<ServiceAccount> Account { get; set; } = claimed;

        /// <summary>Whether a migration's target is being prepared or verified: then a failure is its.</summary>
        public bool IsPreparing { get; set; }

        /// <summary>Before each call that changes something outside: an instance that stood still past its claim must not undo what another has done since.</summary>
        public void EnsureLeased()
        {
            if (!(Account.Value.Lifecycle?.LeasedUntil - AccountLifecycle.LeaseMargin > clock.GetUtcNow())) { throw new LeaseLostException(); }
        }
    }

    [LoggerMessage(1211, LogLevel.Error, "What service account {AccountId} has outside is not yet as it should be; a later pass goes on. {Reason}")]
    private static partial void NotSettled(ILogger log, string accountId, string reason);

    [LoggerMessage(1212, LogLevel.Warning, "What service account {AccountId} has outside waits until {Until}: a service was asked too much. {Reason}")]
    private static partial void Throttled(ILogger log, string accountId, string reason, DateTimeOffset until);

    [LoggerMessage(1214, LogLevel.Warning, "Service account {AccountId} keeps {Count} roles in Azure that this app may not take: {Roles}")]
    private static partial void RolesLeft(ILogger log, string accountId, int count, string roles);

    [LoggerMessage(1216, LogLevel.Warning, "Service account {AccountId} has lost {Count} roles in Azure that it had before it was suspended and that can be given no more: {Roles}")]
    private static partial void RolesLost(ILogger log, string accountId, int count, string roles);

    [LoggerMessage(1213, LogLevel.Critical, "The migration of service account {AccountId} is parked: all its attempts failed, the last at step {Step}. {Reason} Mend that, then unpark it, or cancel it")]
    private static partial void MigrationParked(ILogger log, string accountId, MigrationStep step, string reason);
}
