using CustomerFunctions.Access;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.ServiceAccounts;

/// <summary>What one look at an account came to.</summary>
internal enum RotationOutcome
{
    /// <summary>A new key is current.</summary>
    Rotated,

    /// <summary>An old key was retired.</summary>
    Retired,

    /// <summary>Another instance is at it, or nothing was due.</summary>
    Skipped,

    /// <summary>The customer is suspended or closed: its work rests.</summary>
    Paused,

    /// <summary>It may not go on now: its window is closed, hours are quiet, the account that it is paired with is at it, or a service wants to be left alone.</summary>
    Waiting,

    /// <summary>A step failed; the account says which and why, and comes due again.</summary>
    Failed,
}

/// <summary>
/// Drives rotations: scheduled, manual and initial ones alike. It takes an account with <see cref="KeyRotation"/>, does what the step says, saves, and goes on. What happens when the process
/// dies: the lease runs out, the account comes due, and the next instance resumes here.
/// <list type="table">
/// <item><term>before Created is saved</term><description>nobody has seen the credential: make it again.</description></item>
/// <item><term>before it is published</term><description>go on with its value where that can be read again; where it is lost, give it up and make another (<see cref="KeyRotation.Reissue"/>).</description></item>
/// <item><term>after it is published</term><description>Key Vault's newest version carries its key id: promote it.</description></item>
/// <item><term>while retiring</term><description>retire again; each part of it may be repeated.</description></item>
/// </list>
/// </summary>
internal sealed partial class RotationEngine(ServiceAccountStore store, CredentialKinds kinds, SecretVault vault, KeyVersionUseStore uses, Throttles throttles, TimeProvider clock, ILogger<RotationEngine> log)
{
    /// <summary>What the audit log calls it.</summary>
    private static readonly Caller Actor = Caller.Timer("rotation");

    private const int Tries = 3;
    private const int LongestWait = 10;
    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan FailureSaveTime = TimeSpan.FromSeconds(5);

    /// <summary>Carries a claimed account as far as it goes now. A failure, running out of the caller's time included, is saved with the account and not thrown.</summary>
    public async Task<(RotationOutcome Outcome, Stored<ServiceAccount> Account)> Run(Stored<ServiceAccount> claimed, CancellationToken cancellation)
    {
        using var work = new Work(claimed, clock, cancellation);
        try
        {
            if (claimed.Value.Rotation.Step is RotationStep.Settle or RotationStep.Retire)
            {
                await Retire(work);
                return (RotationOutcome.Retired, work.Account);
            }
            await Issue(work);
            return (RotationOutcome.Rotated, work.Account);
        }
        catch (LeaseLostException)
        {
            LeaseLost(log, claimed.Value.Id, work.Step);
            return (RotationOutcome.Skipped, work.Account);
        }
        catch (Exception e) when (throttles.Note(work.Account.Value, e) is { } until)
        {
            Throttled(log, work.Account.Value.Id, work.Step, RotationFailures.ReasonFor(e), until);
            return (RotationOutcome.Waiting, await SaveSetback(work, KeyRotation.Throttled(work.Account.Value, work.Step, RotationFailures.ReasonFor(e), until, clock.GetUtcNow())));
        }
        catch (Exception e)
        {
            StepFailed(log, work.Account.Value.Id, work.Step, RotationFailures.ReasonFor(e));
            return (RotationOutcome.Failed, await SaveSetback(work, KeyRotation.Failed(work.Account.Value, work.Step, RotationFailures.ReasonFor(e), Random.Shared.NextDouble(), clock.GetUtcNow())));
        }
    }

    /// <summary>Carries a claimed account as far as it goes now, and retires at once what has no overlap.</summary>
    public async Task<Stored<ServiceAccount>> RunToTheEnd(Stored<ServiceAccount> claimed, CancellationToken cancellation)
    {
        var (_, account) = await Run(claimed, cancellation);
        var now = clock.GetUtcNow();
        if (KeyRotation.Due(account.Value, now) != DueWork.Retire) { return account; }
        return await store.TryReplace(account, KeyRotation.Claim(account.Value, now), cancellation) is { } ours ? (await Run(ours, cancellation)).Account : account;
    }

    private async Task Issue(Work work)
    {
        var kind = kinds.Of(work.Account.Value);
        IssuedCredential? credential = null;
        if (work.Account.Value.Rotation.Step != RotationStep.Create)
        {
            // A run that got this far and has come back may have published its key before it died. Key Vault knows.
            work.Step = RotationStep.Store;
            var published = await vault.Newest(work.Account.Value.SecretName, work.Time);
            if (published?.KeyId == work.Account.Value.Rotation.KeyId) { await Promote(work, published.Version); return; }
            credential = await kind.Recover(work.Account.Value, work.Account.Value.Pending!, work.Time);
            if (credential is null) { await Save(work, KeyRotation.Reissue(work.Account.Value, Ids.Key(clock), clock.GetUtcNow())); }
        }
        if (credential is null)
        {
            work.Step = RotationStep.Create;
            EnsureLeased(work);
            if (await kind.Prepare(work.Account.Value, work.Time) is { } known) { await Save(work, KeyRotation.Prepared(work.Account.Value, known, clock.GetUtcNow())); }
            credential = await kind.Create(work.Account.Value, work.Time);
            await Save(work, KeyRotation.Created(work.Account.Value, credential.Slot, credential.Hash, clock.GetUtcNow(), credential.ProviderKeyId));
        }

        work.Step = RotationStep.Test;
        if (work.Account.Value.Policy.Verify) { await Test(kind, work, credential); }

        work.Step = RotationStep.Store;
        EnsureLeased(work);
        await Promote(work, await vault.Publish(work.Account.Value, kind.ContentType, credential, clock.GetUtcNow(), work.Time));
    }

    private async Task Promote(Work work, string vaultVersion)
    {
        work.Step = RotationStep.Promote;
        await Save(work, KeyRotation.Promoted(work.Account.Value, vaultVersion, clock.GetUtcNow()).Recorded("serviceAccount.rotated", Actor, clock));
        Rotated(log, work.Account.Value.Id, work.Account.Value.Rotation.Id, work.Account.Value.Rotation.Trigger);
    }

    /// <summary>A new credential may take a moment to be known everywhere, so one refusal is not the end of it.</summary>
    private async Task Test(ICredentialKind kind, Work work, IssuedCredential credential)
    {
        var began = clock.GetTimestamp();
        for (var attempt = 1; !await kind.Works(work.Account.Value, credential, work.Time); attempt++)
        {
            if (attempt >= Tries && clock.GetElapsedTime(began) >= kind.Propagation) { throw new CredentialRefusedException(); }
            await Task.Delay(BetweenTries * Math.Min(attempt, LongestWait), clock, work.Time);
        }
    }

    private async Task Retire(Work work)
    {
        work.Step = RotationStep.Retire;
        var kind = kinds.Of(work.Account.Value);
        await Confirm(kind, work);
        var account = await WithUses(work);
        var due = KeyRotation.ToRetire(account, clock.GetUtcNow());
        foreach (var key in due)
        {
            // Whoever could not wait for its overlap has had its slot made anew for the current key.
            if (key.Slot is not null && key.Slot == work.Account.Value.Current!.Slot) { continue; }
            EnsureLeased(work);
            await kind.Retire(work.Account.Value, key, work.Time);
        }
        if (due.Count > 0) { await vault.Disable(work.Account.Value.SecretName, [.. due.Select(key => key.Id)], work.Time); }
        if (account.Keys.FirstOrDefault(key => key.HeldSince is not null && !due.Contains(key) && !work.Account.Value.Keys.Contains(key)) is { } held)
        {
            StillUsed(log, account.Id, held.Id, held.LastUsedFrom, held.RetireAt);
            if (work.Account.Value.Keys.All(key => key.HeldSince is null)) { account = account.Recorded("serviceAccount.retirementHeld", Actor, clock, [held]); }
        }
        var retired = KeyRotation.Retired(account, due, clock.GetUtcNow());
        await Save(work, due.Count == 0 ? retired : retired.Recorded("serviceAccount.keysRetired", Actor, clock, due));
        kind.Forget(work.Account.Value);
    }

    /// <summary>The account with what is known of the use of the keys whose overlap is over; those that are still used are kept. Only of our own credentials is it known.</summary>
    private async Task<ServiceAccount> WithUses(Work work)
    {
        var account = work.Account.Value;
        foreach (var key in KeyRotation.ToRetire(account, clock.GetUtcNow()).Where(key => key.Hash is not null))
        {
            if (await uses.Read(account.CustomerId, key.Id, work.Time) is not { } use) { continue; }
            var held = KeyRotation.Hold(account, key, use, clock.GetUtcNow());
            account = account with { Keys = [.. account.Keys.Select(one => one == key ? held : one)] };
        }
        return account;
    }

    /// <summary>
    /// No old key goes before the new one has proved itself: what Key Vault hands out must be the current key, and it must work. An instance that was held up between its
    /// last look at the lease and a call may have published its own key after ours, or made our slot's key anew; then ours is put back first.
    /// </summary>
    private async Task Confirm(ICredentialKind kind, Work work)
    {
        var account = work.Account.Value;
        var newest = await vault.Newest(account.SecretName, work.Time);
        if (newest is not null && newest.KeyId == account.Current!.Id && await kind.Works(account, newest.Credential, work.Time)) { return; }

        var credential = await kind.Recover(account, account.Current!, work.Time) ?? await vault.Read(account.SecretName, account.Current!.VaultVersion!, work.Time);
        await Test(kind, work, credential);
        EnsureLeased(work);
        var version = await vault.Publish(account, kind.ContentType, credential, clock.GetUtcNow(), work.Time);
        await Save(work, KeyRotation.PutBack(work.Account.Value, version, newest?.KeyId, clock.GetUtcNow()).Recorded("serviceAccount.keyPutBack", Actor, clock));
        PutBack(log, account.Id);
    }

    private async Task Save(Work work, ServiceAccount next) =>
        work.Account = await store.TryReplace(work.Account, next, work.Time) ?? throw new LeaseLostException();

    /// <summary>Before each call that changes something outside: an instance that was held up past its lease must not act on it.</summary>
    private void EnsureLeased(Work work)
    {
        if (work.Account.Value.LeasedUntil - KeyRotation.LeaseMargin <= clock.GetUtcNow()) { throw new LeaseLostException(); }
    }

    /// <summary>Lets go of the account, and raises the alarm where a setback calls for one.</summary>
    private async Task<Stored<ServiceAccount>> SaveSetback(Work work, ServiceAccount after)
    {
        var before = work.Account.Value;
        after = RotationRetries.Alarmed(after, clock.GetUtcNow());
        var (parked, alarmed) = (after.Rotation.ParkedAt != before.Rotation.ParkedAt, after.MarginAlarmedAt != before.MarginAlarmedAt);
        if (parked) { after = after.Recorded("serviceAccount.rotationParked", Actor, clock); }
        if (alarmed) { after = after.Recorded("serviceAccount.rotationMarginGone", Actor, clock); }
        // Not on the caller's time, which may be what ran out.
        using var time = new CancellationTokenSource(FailureSaveTime);
        try
        {
            if (await store.TryReplace(work.Account, after, time.Token) is not { } saved) { return work.Account; }
            if (parked) { Parked(log, after.Id, after.Rotation.LastFailure!.Step, after.Rotation.LastFailure.Reason); }
            if (alarmed) { MarginGone(log, after.Id, RotationRetries.Deadline(after)); }
            return saved;
        }
        catch (Exception e) when (ExceptionEdge.IsDependencyFailure(e))
        {
            // The lease runs out by itself.
            return work.Account;
        }
    }

    /// <summary>The account as last saved, the step at hand, and the time there is for it: it ends before the lease does, so nothing that a step starts outlasts its claim.</summary>
    private sealed class Work : IDisposable
    {
        private readonly CancellationTokenSource leased;
        private readonly CancellationTokenSource time;

        public Work(Stored<ServiceAccount> claimed, TimeProvider clock, CancellationToken cancellation)
        {
            leased = new CancellationTokenSource(Timeout.InfiniteTimeSpan, clock);
            time = CancellationTokenSource.CreateLinkedTokenSource(leased.Token, cancellation);
            Account = claimed;
            Step = claimed.Value.Rotation.Step;
        }

        public Stored<ServiceAccount> Account
        {
            get;
            set
            {
                field = value;
                leased.CancelAfter(KeyRotation.Lease - KeyRotation.LeaseMargin);
            }
        }

        public RotationStep Step { get; set; }

        public CancellationToken Time => time.Token;

        public void Dispose()
        {
            time.Dispose();
            leased.Dispose();
        }
    }

    private sealed class LeaseLostException : Exception;

    [LoggerMessage(1201, LogLevel.Information, "Rotated the key of service account {AccountId}: rotation {RotationId}, {Trigger}")]
    private static partial void Rotated(ILogger log, string accountId, string rotationId, RotationTrigger trigger);

    [LoggerMessage(1202, LogLevel.Error, "Rotation of service account {AccountId} failed at step {Step}; a later pass resumes it. {Reason}")]
    private static partial void StepFailed(ILogger log, string accountId, RotationStep step, string reason);

    [LoggerMessage(1203, LogLevel.Warning, "Service account {AccountId} is another instance's by now; stopped before step {Step}")]
    private static partial void LeaseLost(ILogger log, string accountId, RotationStep step);

    [LoggerMessage(1204, LogLevel.Warning, "Something else was the newest version of service account {AccountId}'s secret, or its key did not work; put the current key back")]
    private static partial void PutBack(ILogger log, string accountId);

    [LoggerMessage(1205, LogLevel.Critical, "Rotation of service account {AccountId} is parked: every attempt at step {Step} failed. {Reason} Mend that, then unpark it")]
    private static partial void Parked(ILogger log, string accountId, RotationStep step, string reason);

    [LoggerMessage(1206, LogLevel.Warning, "Rotation of service account {AccountId} at step {Step} was throttled and waits until {Until}. {Reason}")]
    private static partial void Throttled(ILogger log, string accountId, RotationStep step, string reason, DateTimeOffset until);

    [LoggerMessage(1207, LogLevel.Critical, "Rotation of service account {AccountId} may come too late: the attempts that are left can take until after {Deadline}, when its key expires")]
    private static partial void MarginGone(ILogger log, string accountId, DateTimeOffset? deadline);

    [LoggerMessage(1208, LogLevel.Warning, "Key {KeyId} of service account {AccountId} is still used, from {Address}; it is kept until {Until}")]
    private static partial void StillUsed(ILogger log, string accountId, string keyId, string? address, DateTimeOffset? until);
}
