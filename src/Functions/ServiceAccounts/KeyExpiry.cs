namespace CustomerFunctions.ServiceAccounts;

/// <summary>
/// When a key's secret ends by itself, as pure functions. Key Vault warns of that thirty days ahead (learn.microsoft.com: "Azure Key Vault as Event Grid source"): a key that is rotated in time is replaced, and its overlap
/// over, before the warning. One with an interval below thirty days lasts for two of them instead, warning or not: it is not to be good for months because nobody has rotated it.
/// </summary>
internal static class KeyExpiry
{
    private static readonly TimeSpan NearExpiry = TimeSpan.FromDays(30);

    /// <summary>More than all attempts of a failing rotation take, so that they do not end a key that rotates every hour.</summary>
    private static readonly TimeSpan Least = TimeSpan.FromDays(1);

    /// <summary>When an account's key that is made now ends. It lasts to the rotation that is planned after it, if a window puts that off beyond the interval.</summary>
    public static DateTimeOffset Of(string accountId, RotationPolicy policy, DateTimeOffset now)
    {
        var (end, planned) = (now + policy.Interval, RotationSchedule.Next(accountId, policy, now));
        return (planned > end ? planned : end) + policy.Overlap + Reserve(policy);
    }

    /// <summary>The latest start of a scheduled rotation: every attempt, and then the old key's overlap, are over before that ends. The first attempt comes when the timer looks next.</summary>
    public static DateTimeOffset LatestStart(RotationPolicy policy, DateTimeOffset expires) => expires - policy.Overlap - RotationRetries.WorstCase(0) - RotationRetries.BetweenLooks;

    /// <summary>When the version ends that is about to hold the account's newest key: with the key, where its maker ends that by itself.</summary>
    public static DateTimeOffset OfVersion(ServiceAccount account, DateTimeOffset now) =>
        account.Keys.FirstOrDefault(key => key.Id == account.Rotation.KeyId)?.ExpiresAt is { } known && known > now ? known : Of(account.Id, account.Policy, now);

    /// <summary>The policy's interval, or what is left of it for a key that became current at <paramref name="from"/> and was made under a policy with a shorter one.</summary>
    public static TimeSpan IntervalBefore(DateTimeOffset expires, RotationPolicy policy, DateTimeOffset from)
    {
        var left = expires - Reserve(policy) - policy.Overlap - from;
        return left > policy.Interval ? policy.Interval : left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    /// <summary>How long a key outlasts the overlap after its rotation: as long as its interval, within limits.</summary>
    private static TimeSpan Reserve(RotationPolicy policy) => policy.Interval > NearExpiry ? NearExpiry : policy.Interval < Least ? Least : policy.Interval;
}
