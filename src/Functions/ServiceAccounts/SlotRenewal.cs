using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.ServiceAccounts;

/// <summary>
/// That a slot is being made anew by an operation of Azure Resource Manager which takes its time: for a Cosmos DB account "anywhere from one minute to multiple hours" (learn.microsoft.com: "Rotate keys for Azure Cosmos DB
/// for NoSQL"). It is kept with the key for which that is done, so that whoever comes next goes on with it and nobody begins it again.
/// </summary>
/// <param name="Operation">Where it is told of; null while another operation of the resource keeps it from beginning.</param>
/// <param name="Since">Since when it is waited for.</param>
/// <param name="EndedAt">When it was seen to be over; null before.</param>
internal sealed record SlotRenewal(Uri? Operation, DateTimeOffset Since, DateTimeOffset? EndedAt = null)
{
    /// <summary>One that takes longer counts as failed.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    private static readonly TimeSpan ShortestWait = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    /// <summary>When it is asked about again, as far as Resource Manager may say.</summary>
    public static DateTimeOffset NextLook(StillRenewingException running, DateTimeOffset now) =>
        now + TimeSpan.FromTicks(Math.Clamp((running.RetryAfter ?? TimeSpan.Zero).Ticks, ShortestWait.Ticks, LongestWait.Ticks));

    /// <summary>The account with a note of what runs for one of its keys.</summary>
    public static ServiceAccount Noted(ServiceAccount account, StillRenewingException running, DateTimeOffset now) =>
        Of(account, key => key.Id == running.KeyId, known => known is not null && known.Operation == running.Operation ? known : new SlotRenewal(running.Operation, now));

    /// <summary>The rotation's step waits for it. That is no failed attempt, and nobody has the account meanwhile.</summary>
    public static ServiceAccount Awaited(ServiceAccount account, RotationStep step, StillRenewingException running, DateTimeOffset now) => Noted(account, running, now) with
    {
        Rotation = account.Rotation with { Step = step },
        LeasedUntil = null,
        WorkDueAt = KeyRotation.Spread(account, NextLook(running, now)),
    };

    /// <summary>A key's slot has been made anew; others may have to be yet.</summary>
    public static ServiceAccount Ended(ServiceAccount account, string keyId, DateTimeOffset now) => Of(account, key => key.Id == keyId, known => known! with { EndedAt = now });

    /// <summary>The account after a failure: an operation that has failed is not gone on with. Any other failure says nothing of the operation.</summary>
    public static ServiceAccount After(ServiceAccount account, Exception failure) =>
        failure is OperationFailedException ? Of(account, key => key.Renewal is { EndedAt: null }, _ => null) : account;

    private static ServiceAccount Of(ServiceAccount account, Func<KeyVersion, bool> which, Func<SlotRenewal?, SlotRenewal?> change) =>
        account with { Keys = [.. account.Keys.Select(key => which(key) ? key with { Renewal = change(key.Renewal) } : key)] };
}

/// <summary>A slot is not made anew yet. Nothing has failed: whoever asked comes back.</summary>
internal sealed class StillRenewingException(string keyId, Uri? operation, TimeSpan? retryAfter) : Exception("Azure Resource Manager is still making a key anew.")
{
    /// <summary>The key version for which it is done.</summary>
    public string KeyId => keyId;

    /// <summary>Where it is told of; null while another operation keeps it from beginning.</summary>
    public Uri? Operation => operation;

    public TimeSpan? RetryAfter => retryAfter;
}
