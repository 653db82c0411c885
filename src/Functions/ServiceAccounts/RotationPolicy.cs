using System.Text.Json.Serialization;
using CustomerFunctions.Edge;

namespace CustomerFunctions.ServiceAccounts;

/// <summary>How a service account's key changes.</summary>
/// <param name="Interval">The longest time from one rotation to the next; see <see cref="RotationSchedule"/> for how much earlier it comes.</param>
/// <param name="Overlap">How long the old key stays good.</param>
/// <param name="Verify">Whether a new key is tried before it is published. Never false for two-slot kinds, where a bad key would be found out by its users.</param>
/// <param name="Window">When rotations may start; null for any time.</param>
/// <param name="PairWith">Another account of the customer: neither rotates while the other's overlap lasts.</param>
public sealed record RotationPolicy([property: JsonPropertyOrder(-2)] TimeSpan Interval, TimeSpan Overlap, bool Verify = true, RotationWindow? Window = null, string? PairWith = null)
{
    /// <summary>90 days (CIS Google Cloud benchmark 1.7) and one day.</summary>
    public static readonly RotationPolicy Default = new(TimeSpan.FromDays(90), TimeSpan.FromDays(1));

    /// <summary>
    /// Longer than the clocks of two instances may differ, than an instance may stand still unnoticed, and than it may go on accepting a key that another has retired. Policies that were stored with a shorter one are read
    /// with this.
    /// </summary>
    public static readonly TimeSpan ShortestOverlap = TimeSpan.FromMinutes(5);

    /// <summary>How long the old key stays good.</summary>
    [JsonPropertyOrder(-1)]
    public TimeSpan Overlap { get; init => field = value < ShortestOverlap ? ShortestOverlap : value; } = Overlap < ShortestOverlap ? ShortestOverlap : Overlap;
}

/// <param name="Interval">Longest time from one rotation to the next, ISO 8601: PT1H to P730D, and not shorter than the longest time between two openings of the window; P90D when absent.</param>
/// <param name="Overlap">How long the old key stays good, ISO 8601: PT5M to the interval; P1D when absent, or the interval when that is shorter.</param>
/// <param name="Verify">Whether a new key is tried before it is published; true when absent, and always for kinds that rotate a resource's two keys.</param>
/// <param name="Window">When rotations may start; any time when absent.</param>
/// <param name="PairWith">The id of another service account of the customer: the two never rotate within each other's overlap.</param>
public sealed record RotationPolicyRequest(TimeSpan? Interval = null, TimeSpan? Overlap = null, bool? Verify = null, RotationWindow? Window = null, string? PairWith = null)
{
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromHours(1);
    private static readonly TimeSpan LongestInterval = TimeSpan.FromDays(730);

    internal static RotationPolicyRequest From(RotationPolicy policy) => new(policy.Interval, policy.Overlap, policy.Verify, policy.Window, policy.PairWith);

    /// <summary>The policy that is asked for; what is wrong with it goes to <paramref name="checks"/>, each field below <paramref name="at"/>.</summary>
    internal RotationPolicy Check(Checks checks, string at, bool isTwoSlot)
    {
        var interval = Interval ?? RotationPolicy.Default.Interval;
        var overlap = Overlap ?? TimeSpan.FromTicks(Math.Min(RotationPolicy.Default.Overlap.Ticks, interval.Ticks));
        if (interval < ShortestInterval || interval > LongestInterval) { checks.Add($"{at}/interval", "out-of-range", "Expected PT1H to P730D."); }
        else if (overlap < RotationPolicy.ShortestOverlap || overlap > interval) { checks.Add($"{at}/overlap", "out-of-range", "Expected at least PT5M and at most the interval."); }
        if (Verify == false && isTwoSlot) { checks.Add($"{at}/verify", "not-allowed", "A resource's key is always tried before it is published."); }
        Window?.Check(checks, $"{at}/window");
        if (interval >= ShortestInterval && Window?.LongestGap is { } gap && interval < gap)
        {
            checks.Add($"{at}/interval", "shorter-than-window", $"The window opens only every {gap.Days} days. Use an interval of at least P{gap.Days}D, or a window that opens on more days.");
        }
        return new RotationPolicy(interval, overlap, Verify ?? true, Window, PairWith);
    }
}
