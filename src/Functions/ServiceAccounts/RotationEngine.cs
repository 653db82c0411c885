using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.ServiceAccounts;

/// <summary>What one look at an account came to.</summary>
internal enum RotationOutcome
{
    /// <summary>A new key is current.</summary>
    Rotated,

    /// <summary>An old key was retired.</summary>
    Retired,

    /// <summary>No key was to be retired; what Key Vault hands out is the current key, or is again.</summary>
    Confirmed,

    /// <summary>Another instance is at it, or nothing was due.</summary>
    Skipped,

    /// <summary>The account is suspended, or its customer is suspended or closed: its work rests.</summary>
    Paused,

    /// <summary>
    /// It may not go on now: its window is closed, hours are quiet, the account that it is paired with is at it, it is being restored, a service wants to be left alone, or is still making a key.
    /// </summary>
    Waiting,

    /// <summary>A step failed; the account says which and why, and comes due again.</summary>
    Failed,
}

/// <summary>
/// Drives rotations: scheduled, manual and initial ones alike. It takes a claimed account, has <see cref="KeyIssuer"/> or <see cref="KeyRetirer"/> do what its step says, and answers for what
/// goes wrong. Each of them says what happens when the process dies in its steps.
/// </summary>
internal sealed partial class RotationEngine(ServiceAccountStore store, KeyIssuer issuer, KeyRetirer retirer, Throttles throttles, MarginAlarm alarm, TimeProvider clock, ILogger<RotationEngine> log)
{
    /// <summary>Carries a claimed account as far as it goes now. A failure, running out of the caller's time included, is saved with the account and not thrown.</summary>
    public async Task<(RotationOutcome Outcome, Stored<ServiceAccount> Account)> Run(Stored<ServiceAccount> claimed, CancellationToken cancellation)
    {
        using var work = new RotationWork(store, claimed, clock, cancellation);
        try
        {
            var isLook = work.Step == RotationStep.Done;
            if (work.Step is RotationStep.Settle or RotationStep.Retire or RotationStep.Done && await retirer.Retire(work))
            {
                return (isLook ? RotationOutcome.Confirmed : RotationOutcome.Retired, work.Stored);
            }
            await issuer.Issue(work);
            Rotated(log, work.Account.Id, work.Account.Rotation.Id, work.Account.Rotation.Trigger);
            return (RotationOutcome.Rotated, work.Stored);
        }
        catch (LeaseLostException)
        {
            LeaseLost(log, claimed.Value.Id, work.Step);
            return (RotationOutcome.Skipped, work.Stored);
        }
        catch (StillRenewingException e)
        {
            var waiting = SlotRenewal.Awaited(work.Account, work.Step, e, clock.GetUtcNow());
            StillRenewing(log, work.Account.Id, work.Step, waiting.WorkDueAt);
            return (RotationOutcome.Waiting, await SaveSetback(work, waiting));
        }
        catch (Exception e) when (throttles.Note(work.Account, e) is { } until)
        {
            Throttled(log, work.Account.Id, work.Step, RotationFailures.ReasonFor(e), until);
            return (RotationOutcome.Waiting, await SaveSetback(work, KeyRotation.Throttled(work.Account, work.Step, RotationFailures.ReasonFor(e), until, clock.GetUtcNow())));
        }
        catch (Exception e)
        {
            StepFailed(log, work.Account.Id, work.Step, RotationFailures.ReasonFor(e));
            return (RotationOutcome.Failed, await SaveSetback(work, KeyRotation.Failed(SlotRenewal.After(work.Account, e), work.Step, RotationFailures.ReasonFor(e), Random.Shared.NextDouble(), clock.GetUtcNow())));
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

    /// <summary>Lets go of the account, and raises the alarm where a setback calls for one.</summary>
    private async Task<Stored<ServiceAccount>> SaveSetback(RotationWork work, ServiceAccount after)
    {
        var before = work.Account;
        var parked = after.Rotation.ParkedAt != before.Rotation.ParkedAt;
        if (parked) { after = after.Recorded("serviceAccount.rotationParked", RotationWork.Actor, clock); }
        after = alarm.On(after);
        if (await Setback.TrySave(store, work.Stored, after) is not { } saved) { return work.Stored; }
        if (parked) { Parked(log, after.Id, after.Rotation.LastFailure!.Step, after.Rotation.LastFailure.Reason); }
        alarm.Tell(before, after);
        return saved;
    }

    [LoggerMessage(1201, LogLevel.Information, "Rotated the key of service account {AccountId}: rotation {RotationId}, {Trigger}")]
    private static partial void Rotated(ILogger log, string accountId, string rotationId, RotationTrigger trigger);

    [LoggerMessage(1202, LogLevel.Error, "Rotation of service account {AccountId} failed at step {Step}; a later pass resumes it. {Reason}")]
    private static partial void StepFailed(ILogger log, string accountId, RotationStep step, string reason);

    [LoggerMessage(1203, LogLevel.Warning, "Service account {AccountId} is another instance's by now; stopped before step {Step}")]
    private static partial void LeaseLost(ILogger log, string accountId, RotationStep step);

    [LoggerMessage(1205, LogLevel.Critical, "Rotation of service account {AccountId} is parked: all its attempts failed, the last at step {Step}. {Reason} Mend that, then unpark it")]
    private static partial void Parked(ILogger log, string accountId, RotationStep step, string reason);

    [LoggerMessage(1215, LogLevel.Information, "Rotation of service account {AccountId} at step {Step} waits for Azure Resource Manager, which is making a key anew; it is asked again at {Until}")]
    private static partial void StillRenewing(ILogger log, string accountId, RotationStep step, DateTimeOffset until);

    [LoggerMessage(1206, LogLevel.Warning, "Rotation of service account {AccountId} at step {Step} was throttled and waits until {Until}. {Reason}")]
    private static partial void Throttled(ILogger log, string accountId, RotationStep step, string reason, DateTimeOffset until);
}
