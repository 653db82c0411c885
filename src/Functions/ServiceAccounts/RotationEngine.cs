using Azure;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared;
using CustomerFunctions.Shared.Azure;
using Microsoft.Azure.Cosmos;

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

    /// <summary>A step failed; the account says which and why, and comes due again.</summary>
    Failed,
}

/// <summary>
/// Drives rotations: scheduled, manual and initial ones alike. It takes an account with <see cref="KeyRotation"/>, does what the step says, saves, and goes on. What happens when the process
/// dies: the lease runs out, the account comes due, and the next instance resumes here.
/// <list type="table">
/// <item><term>before Created is saved</term><description>nobody has seen the credential: make it again.</description></item>
/// <item><term>before it is published</term><description>its value is lost: give it up and make another (<see cref="KeyRotation.Reissue"/>).</description></item>
/// <item><term>after it is published</term><description>Key Vault's newest version carries its key id: promote it.</description></item>
/// <item><term>while retiring</term><description>retire again; each part of it may be repeated.</description></item>
/// </list>
/// </summary>
internal sealed partial class RotationEngine(ServiceAccountStore store, CredentialKinds kinds, SecretVault vault, TimeProvider clock, ILogger<RotationEngine> log)
{
    private const int Tries = 3;
    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan FailureSaveTime = TimeSpan.FromSeconds(5);

    /// <summary>Does what is due for an account, if no other instance is at it.</summary>
    public async Task<RotationOutcome> Advance(Stored<ServiceAccount> account, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        switch (KeyRotation.Due(account.Value, now))
        {
            case DueWork.Start:
                var started = KeyRotation.Start(account.Value, RotationTrigger.Scheduled, "schedule", Ids.Rotation(clock), Ids.Key(clock), now);
                return await store.TryReplace(account, started, cancellation) is { } fresh ? (await Run(fresh, cancellation)).Outcome : RotationOutcome.Skipped;
            case DueWork.Resume or DueWork.Retire:
                return await store.TryReplace(account, KeyRotation.Claim(account.Value, now), cancellation) is { } claimed ? (await Run(claimed, cancellation)).Outcome : RotationOutcome.Skipped;
            default:
                return RotationOutcome.Skipped;
        }
    }

    /// <summary>Carries a claimed account as far as it goes now. A failure, running out of the caller's time included, is saved with the account and not thrown.</summary>
    public async Task<(RotationOutcome Outcome, Stored<ServiceAccount> Account)> Run(Stored<ServiceAccount> claimed, CancellationToken cancellation)
    {
        var work = new Work(claimed);
        try
        {
            if (claimed.Value.Rotation.Step is RotationStep.Settle or RotationStep.Retire)
            {
                await Retire(work, cancellation);
                return (RotationOutcome.Retired, work.Account);
            }
            await Issue(work, cancellation);
            return (RotationOutcome.Rotated, work.Account);
        }
        catch (LeaseLostException)
        {
            LeaseLost(log, claimed.Value.Id, work.Step);
            return (RotationOutcome.Skipped, work.Account);
        }
        catch (Exception e)
        {
            StepFailed(log, work.Account.Value.Id, work.Step, ReasonFor(e));
            return (RotationOutcome.Failed, await SaveFailure(work, e));
        }
    }

    private async Task Issue(Work work, CancellationToken cancellation)
    {
        var kind = kinds.Of(work.Account.Value);
        if (work.Account.Value.Rotation.Step != RotationStep.Create)
        {
            // A run that got this far and has come back may have published its key before it died. Key Vault knows.
            work.Step = RotationStep.Store;
            var published = await vault.Published(work.Account.Value.SecretName, cancellation);
            if (published?.KeyId == work.Account.Value.Rotation.KeyId) { await Promote(work, published.Version, cancellation); return; }
            await Save(work, KeyRotation.Reissue(work.Account.Value, Ids.Key(clock), clock.GetUtcNow()), cancellation);
        }

        work.Step = RotationStep.Create;
        EnsureLeased(work);
        var credential = await kind.Create(work.Account.Value, cancellation);
        await Save(work, KeyRotation.Created(work.Account.Value, credential.Slot, credential.Hash, clock.GetUtcNow()), cancellation);

        work.Step = RotationStep.Test;
        await Test(kind, work.Account.Value, credential, cancellation);

        work.Step = RotationStep.Store;
        EnsureLeased(work);
        var version = await vault.Publish(work.Account.Value, kind.ContentType, credential, clock.GetUtcNow(), cancellation);
        await Promote(work, version, cancellation);
    }

    private async Task Promote(Work work, string vaultVersion, CancellationToken cancellation)
    {
        work.Step = RotationStep.Promote;
        await Save(work, KeyRotation.Promoted(work.Account.Value, vaultVersion, clock.GetUtcNow()), cancellation);
        Rotated(log, work.Account.Value.Id, work.Account.Value.Rotation.Id, work.Account.Value.Rotation.Trigger);
    }

    /// <summary>A new credential may take a moment to be known everywhere, so one refusal is not the end of it.</summary>
    private async Task Test(ICredentialKind kind, ServiceAccount account, IssuedCredential credential, CancellationToken cancellation)
    {
        for (var attempt = 1; !await kind.Works(account, credential, cancellation); attempt++)
        {
            if (attempt == Tries) { throw new CredentialRefusedException(); }
            await Task.Delay(BetweenTries * attempt, clock, cancellation);
        }
    }

    private async Task Retire(Work work, CancellationToken cancellation)
    {
        work.Step = RotationStep.Retire;
        var account = work.Account.Value;
        var kind = kinds.Of(account);
        var due = KeyRotation.ToRetire(account, clock.GetUtcNow());
        foreach (var key in due)
        {
            if (key.Abandoned && await vault.Published(account.SecretName, cancellation) is { } published && published.KeyId == key.Id)
            {
                // The instance that was given up published its key after all, and after ours. Put ours back before that key stops working.
                EnsureLeased(work);
                var version = await vault.Republish(account.SecretName, account.Current!.VaultVersion!, cancellation);
                await vault.Disable(account.SecretName, published.Version, cancellation);
                account = account with { Keys = [.. account.Keys.Select(other => other.State == KeyState.Current ? other with { VaultVersion = version } : other)] };
            }
            EnsureLeased(work);
            await kind.Retire(account, key, cancellation);
            if (key.VaultVersion is { } old) { await vault.Disable(account.SecretName, old, cancellation); }
        }
        await Save(work, KeyRotation.Retired(account, due, clock.GetUtcNow()), cancellation);
    }

    private async Task Save(Work work, ServiceAccount next, CancellationToken cancellation) =>
        work.Account = await store.TryReplace(work.Account, next, cancellation) ?? throw new LeaseLostException();

    /// <summary>Before each call that changes something outside: an instance that was held up past its lease must not act on it.</summary>
    private void EnsureLeased(Work work)
    {
        if (work.Account.Value.LeasedUntil - KeyRotation.LeaseMargin <= clock.GetUtcNow()) { throw new LeaseLostException(); }
    }

    private async Task<Stored<ServiceAccount>> SaveFailure(Work work, Exception exception)
    {
        // Not on the caller's time, which may be what ran out.
        using var time = new CancellationTokenSource(FailureSaveTime);
        try
        {
            var failed = KeyRotation.Failed(work.Account.Value, work.Step, ReasonFor(exception), Random.Shared.NextDouble(), clock.GetUtcNow());
            return await store.TryReplace(work.Account, failed, time.Token) ?? work.Account;
        }
        catch (Exception e) when (ExceptionEdge.IsDependencyFailure(e))
        {
            // The lease runs out by itself.
            return work.Account;
        }
    }

    /// <summary>Words for people, without anything that a service put into its message.</summary>
    private static string ReasonFor(Exception exception) => exception switch
    {
        CredentialRefusedException => "The new credential was refused when it was tried.",
        RequestFailedException e => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{(e.Source?.Contains("KeyVault", StringComparison.Ordinal) == true ? "Key Vault" : "Azure")} answered {e.Status} {e.ErrorCode}."),
        CosmosException e => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"Cosmos DB answered {(int)e.StatusCode}."),
        OperationCanceledException => "There was no answer in time.",
        _ => $"{exception.GetType().Name}.",
    };

    /// <summary>The account as last saved, and the step at hand.</summary>
    private sealed class Work(Stored<ServiceAccount> claimed)
    {
        public Stored<ServiceAccount> Account { get; set; } = claimed;

        public RotationStep Step { get; set; } = claimed.Value.Rotation.Step;
    }

    private sealed class LeaseLostException : Exception;

    private sealed class CredentialRefusedException : Exception;

    [LoggerMessage(1201, LogLevel.Information, "Rotated the key of service account {AccountId}: rotation {RotationId}, {Trigger}")]
    private static partial void Rotated(ILogger log, string accountId, string rotationId, RotationTrigger trigger);

    [LoggerMessage(1202, LogLevel.Error, "Rotation of service account {AccountId} failed at step {Step}; a later pass resumes it. {Reason}")]
    private static partial void StepFailed(ILogger log, string accountId, RotationStep step, string reason);

    [LoggerMessage(1203, LogLevel.Warning, "Service account {AccountId} is another instance's by now; stopped before step {Step}")]
    private static partial void LeaseLost(ILogger log, string accountId, RotationStep step);
}
