using CustomerFunctions.Edge;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.Names;

/// <summary>What came of trying to take a name.</summary>
internal enum Taking
{
    /// <summary>It is ours now.</summary>
    Taken,

    /// <summary>Somebody else has it.</summary>
    Held,

    /// <summary>A request that is still running is about to have it, or to give it back.</summary>
    Awaited,
}

/// <summary>What a claim's holder has to say about it.</summary>
/// <param name="Carries">Whether the holder exists and has the name, and does not give it up.</param>
/// <param name="Fence">Makes sure that a writer of the holder that is still on its way fails; false when the holder has changed meanwhile.</param>
internal sealed record ClaimHolder(Func<Claim, CancellationToken, Task<bool>> Carries, Func<Claim, CancellationToken, Task<bool>> Fence)
{
    /// <summary>
    /// Whether the holder exists and has the name, and gives it up to who asks now; null where none does.
    /// </summary>
    public Func<Claim, CancellationToken, Task<bool>>? Yields { get; init; }
}

/// <summary>
/// Keeps names unique across partitions without a transaction. A name is claimed first and its holder written after; the claim is good from the moment the holder
/// carries the name. A claim whose writer died in between is found out by the next who wants the name, and taken over once the dead writer can no longer finish: for a
/// creation by a tombstone at the id it would have written, for a change by a new ETag on the document it would have replaced. No clock decides that;
/// <see cref="Grace"/> only keeps requests that run at the same time from undoing each other.
/// </summary>
internal sealed class NameClaims(DirectoryStore directory, TimeProvider clock)
{
    /// <summary>Longer than any request lives.</summary>
    public static readonly TimeSpan Grace = ExceptionEdge.Deadline + TimeSpan.FromSeconds(1);

    /// <summary>How long tidying up goes on beyond a request's deadline: within <see cref="Grace"/>.</summary>
    private static readonly TimeSpan Brief = TimeSpan.FromMilliseconds(500);

    /// <param name="claimId">The name as <see cref="DirectoryStore"/> spells it.</param>
    /// <param name="customerId">Partition of who is to hold it.</param>
    /// <param name="holderId">Id of who is to hold it.</param>
    /// <param name="holder">How to find out about whoever holds it already.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task<(Taking Outcome, Stored<Claim>? Claim)> TryTake(string claimId, string customerId, string holderId, ClaimHolder holder, CancellationToken cancellation)
    {
        for (var attempt = 0; attempt < 5; attempt++)
        {
            if (await directory.TryClaim(claimId, customerId, holderId, cancellation) is { } claim) { return (Taking.Taken, claim); }
            if (await directory.Find(claimId, cancellation) is not { } other) { continue; }
            if (other.Value.HolderId == holderId)
            {
                // Written anew even though it is ours: somebody who has found that we do not carry the name, and is about to take it over, must fail now.
                if (await directory.TryTakeOver(other, customerId, holderId, cancellation) is { } renewed) { return (Taking.Taken, renewed with { Value = renewed.Value with { WasOurs = true } }); }
                continue;
            }
            if (other.Value.ReservedUntil > clock.GetUtcNow()) { return (Taking.Held, other); }
            if (await holder.Carries(other.Value, cancellation)) { return (Taking.Held, other); }
            // A holder that has the name has been written; there is no request to wait for.
            var isWritten = holder.Yields is not null && await holder.Yields(other.Value, cancellation);
            if (!isWritten && clock.GetUtcNow() - other.Value.ClaimedAt < Grace)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100 << attempt), cancellation);
                continue;
            }
            if (!await holder.Fence(other.Value, cancellation)) { continue; }
            if (await directory.TryTakeOver(other, customerId, holderId, cancellation) is { } mine) { return (Taking.Taken, mine); }
        }
        return (Taking.Awaited, null);
    }

    public async Task<Claim?> Find(string claimId, CancellationToken cancellation) => (await directory.Find(claimId, cancellation))?.Value;

    /// <summary>
    /// The claims of a holder on names that it is about to leave, to be released once it has: read before it is written.
    /// Another request of the same holder that wants such a name back renews the claim, and then the release fails.
    /// </summary>
    public async Task<IReadOnlyList<Stored<Claim>>> HeldBy(string holderId, IEnumerable<string> claimIds, CancellationToken cancellation)
    {
        var held = new List<Stored<Claim>>();
        foreach (var claimId in claimIds)
        {
            if (await directory.Find(claimId, cancellation) is { } claim && claim.Value.HolderId == holderId) { held.Add(claim); }
        }
        return held;
    }

    /// <summary>Gives back a name whose holder is being removed for good; a name that is another's by now is left alone.</summary>
    public async Task GiveUp(string claimId, string holderId, CancellationToken cancellation)
    {
        if (await directory.Find(claimId, cancellation) is { } claim && claim.Value.HolderId == holderId) { await directory.TryRelease(claim, cancellation); }
    }

    /// <summary>Keeps a name from everybody for a while after its holder has gone.</summary>
    public async Task Reserve(string claimId, string holderId, DateTimeOffset until, CancellationToken cancellation)
    {
        if (await directory.Find(claimId, cancellation) is { } claim && claim.Value.HolderId == holderId) { await directory.TryReserve(claim, until, cancellation); }
    }

    /// <summary>
    /// Gives back claims on names that their holder does not carry, if they are still the ones that were read: nobody may rely on them who has not renewed them since. When that fails too, the claims
    /// heal as described above.
    /// </summary>
    public async Task Release(IReadOnlyList<Stored<Claim>> claims)
    {
        try
        {
            await RequestDeadline.TidyUp(Brief, async brief =>
            {
                foreach (var claim in claims) { await directory.TryRelease(claim, brief); }
                return claims.Count;
            });
        }
        catch (Exception e) when (ExceptionEdge.IsDependencyFailure(e)) { }
    }
}
