using CustomerFunctions.Edge;
using CustomerFunctions.Shared;

namespace CustomerFunctions.ServiceAccounts;

/// <summary>
/// Makes a credential that nobody is to have, tries it where its users use theirs, and removes it. It is written down before it is made. What happens when the process dies:
/// <list type="table">
/// <item><term>before it is made</term><description>a note of nothing is left, which the next rehearsal or retirement drops.</description></item>
/// <item><term>after it, or while it is removed</term><description>its text is lost with the process, and it ends by itself within <see cref="Life"/>; the next rehearsal or rotation removes it by the note.</description></item>
/// </list>
/// </summary>
internal sealed class ThrowawayTrial(ServiceAccountStore store, TimeProvider clock)
{
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(10);

    /// <summary>Much less than a request may take.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan RemovalTime = TimeSpan.FromSeconds(4);

    /// <summary>Whether it worked; null when it did not yet, and its maker may take longer than anybody waits here.</summary>
    public async Task<bool?> Run(ServiceAccount account, IOverlappingKind kind, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        foreach (var old in account.Keys.Where(key => key.EndsAt <= now)) { await Remove(account, kind, old, cancellation); }
        // It counts as replaced, so a retirement takes it too.
        var trial = new KeyVersion { Id = Ids.Key(clock), State = KeyState.Retiring, RotationId = account.Rotation.Id, CreatedAt = now, CreatedBy = "rehearsal", RetireAt = now, EndsAt = now + Life };
        await Change(account, keys => [.. keys, trial], cancellation);
        try
        {
            var made = await kind.CreateThrowaway(account, trial, cancellation);
            trial = trial with { Hash = made.Hash, ProviderKeyId = made.ProviderKeyId };
            if (made.Hash is not null) { await Change(account, keys => [.. keys.Select(key => key.Id == trial.Id ? trial : key)], cancellation); }
            return await Works(account, kind, made, cancellation) ? true : kind.Propagation > Patience ? null : false;
        }
        finally
        {
            await RequestDeadline.TidyUp(RemovalTime, async time =>
            {
                await Remove(account, kind, trial, time);
                return trial;
            });
        }
    }

    private async Task<bool> Works(ServiceAccount account, IOverlappingKind kind, IssuedCredential made, CancellationToken cancellation)
    {
        var began = clock.GetTimestamp();
        while (!await kind.Works(account, made, cancellation))
        {
            if (kind.Propagation == TimeSpan.Zero || clock.GetElapsedTime(began) >= Patience) { return false; }
            await Task.Delay(BetweenTries, clock, cancellation);
        }
        return true;
    }

    /// <summary>First the credential, then the note of it.</summary>
    private async Task Remove(ServiceAccount account, IOverlappingKind kind, KeyVersion trial, CancellationToken cancellation)
    {
        await kind.Retire(account, trial, cancellation);
        await Change(account, keys => [.. keys.Where(key => key.Id != trial.Id)], cancellation);
        kind.Forget(account);
    }

    private async Task Change(ServiceAccount account, Func<IReadOnlyList<KeyVersion>, IReadOnlyList<KeyVersion>> change, CancellationToken cancellation)
    {
        while (await store.Read(account.CustomerId, account.Id, cancellation) is { } now && await store.TryReplace(now, now.Value with { Keys = change(now.Value.Keys) }, cancellation) is null) { }
    }
}
