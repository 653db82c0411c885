using CustomerFunctions.Customers;
using CustomerFunctions.LeakDesk;
using CustomerFunctions.Shared;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.ServiceAccounts;

/// <summary>Decides whether what is due for an account may happen now, and has the engine do it.</summary>
internal sealed class RotationTurns(ServiceAccountStore store, CustomerStore customers, QuietHours quiet, Throttles throttles, RotationEngine engine, MarginAlarm alarm, TimeProvider clock)
{
    /// <summary>How often an account looks whether the one that it is paired with is done.</summary>
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMinutes(10);

    /// <summary>How often one that is being restored looks whether its secret can be read again.</summary>
    private static readonly TimeSpan BetweenLooksAtSecret = TimeSpan.FromMinutes(5);

    /// <summary>Does what is due for an account, if its customer is active, nothing keeps it waiting and no other instance is at it.</summary>
    public async Task<RotationOutcome> Advance(Stored<ServiceAccount> account, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        if (KeyRotation.Due(account.Value, now) == DueWork.Nothing)
        {
            var later = KeyRotation.NothingDue(account.Value, now);
            return !ReferenceEquals(later, account.Value) && await store.TryReplace(account, later, cancellation) is not null ? RotationOutcome.Waiting : RotationOutcome.Skipped;
        }
        // Every account needs the vault, so none is begun, nor written down as waiting: the run ends by itself.
        if (throttles.VaultRestsUntil is not null) { return await Wait(account, account.Value, cancellation); }
        if (throttles.ResourceRestsUntil(account.Value) is { } rested) { return await Wait(account, KeyRotation.Postpone(account.Value, rested), cancellation); }
        // A suspended account rests whatever its customer is, so that is not asked for.
        var mayRest = KeyRotation.MayRest(account.Value);
        var customer = mayRest && account.Value.Suspension is null ? await customers.Read(account.Value.CustomerId, cancellation) : null;
        var isAtRest = mayRest && customer is not { Value.Status: CustomerStatus.Active };
        if (isAtRest && !RotationRetries.EndsAtRest(account.Value, now))
        {
            return await store.TryReplace(account, KeyRotation.Pause(account.Value, now), cancellation) is null ? RotationOutcome.Skipped : RotationOutcome.Paused;
        }
        if (mayRest && !isAtRest && KeyRotation.WaitsForSecret(account.Value)) { return await Wait(account, KeyRotation.Postpone(account.Value, now + BetweenLooksAtSecret), cancellation); }
        if (account.Value.PausedAt is not null)
        {
            if (await store.TryReplace(account, KeyRotation.Resume(account.Value, now), cancellation) is not { } resumed) { return RotationOutcome.Skipped; }
            account = resumed;
        }
        return KeyRotation.Due(account.Value, now) switch
        {
            DueWork.Start => await Start(account, customer?.Value, now, cancellation),
            DueWork.Resume or DueWork.Retire => await Run(account, KeyRotation.Claim(account.Value, now), cancellation),
            // It has just been resumed, and its overlap begins again.
            _ => RotationOutcome.Waiting,
        };
    }

    /// <summary>
    /// The account that <paramref name="account"/> is paired with, while a rotation of it or its overlap keeps this one from starting; null when this one may start. An idle partner is
    /// written back as it is, so that its own start, should it be under way on another instance, is made on a reading that is out of date and fails: of the two, one at most starts.
    /// With <paramref name="yields"/> it lets a partner go first that is due as well.
    /// </summary>
    public async Task<ServiceAccount?> Hindrance(ServiceAccount account, bool yields, CancellationToken cancellation)
    {
        while (account.Policy.PairWith is { } partnerId && await store.Read(account.CustomerId, partnerId, cancellation) is { Value: { Suspension: null, Deletion: null } } partner)
        {
            if (partner.Value.Rotation is { Step: not RotationStep.Done, ParkedAt: null } || (yields && GoesFirst(partner.Value, account))) { return partner.Value; }
            if (await store.TryReplace(partner, partner.Value, cancellation) is not null) { return null; }
        }
        return null;
    }

    /// <summary>Both are due: the one with the smaller id, or they would keep each other from it.</summary>
    private bool GoesFirst(ServiceAccount partner, ServiceAccount account) =>
        KeyRotation.Due(partner, clock.GetUtcNow()) == DueWork.Start && string.CompareOrdinal(partner.Id, account.Id) < 0;

    private async Task<RotationOutcome> Start(Stored<ServiceAccount> stored, Customer? customer, DateTimeOffset now, CancellationToken cancellation)
    {
        var account = stored.Value;
        if (account.Current?.LeakedAt is not null) { return await Run(stored, KeyRotation.Start(account, RotationTrigger.Leak, LeakedKeys.Actor, Ids.Rotation(clock), Ids.Key(clock), now), cancellation); }
        var latest = RotationRetries.LatestStart(account);
        var opens = RotationSchedule.MayStart(account.Id, account.Policy.Window, quiet.Of(customer), now, latest);
        if (opens > now) { return await Wait(stored, KeyRotation.Wait(account, opens), cancellation); }
        // A key that would end before the other account is through does not wait for it any longer.
        if (!(latest <= now) && await Hindrance(account, yields: true, cancellation) is not null) { return await Wait(stored, KeyRotation.Wait(account, now + BetweenLooks), cancellation); }
        return await Run(stored, KeyRotation.Start(account, RotationTrigger.Scheduled, "schedule", Ids.Rotation(clock), Ids.Key(clock), now), cancellation);
    }

    /// <summary>Nothing is done for an account now. What keeps it waiting may do so for longer than its key lasts.</summary>
    private async Task<RotationOutcome> Wait(Stored<ServiceAccount> account, ServiceAccount after, CancellationToken cancellation)
    {
        after = alarm.On(after);
        if (ReferenceEquals(after, account.Value)) { return RotationOutcome.Waiting; }
        if (await store.TryReplace(account, after, cancellation) is null) { return RotationOutcome.Skipped; }
        alarm.Tell(account.Value, after);
        return RotationOutcome.Waiting;
    }

    private async Task<RotationOutcome> Run(Stored<ServiceAccount> account, ServiceAccount claimed, CancellationToken cancellation) =>
        await store.TryReplace(account, claimed, cancellation) is { } ours ? (await engine.Run(ours, cancellation)).Outcome : RotationOutcome.Skipped;
}
