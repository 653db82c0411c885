using CustomerFunctions.Plans;

namespace CustomerFunctions.Quotas;

/// <summary>How a quota stands.</summary>
/// <param name="Meter">What is counted.</param>
/// <param name="Limit">How many units there are this month, those carried over included.</param>
/// <param name="CarriedOver">How many of them the month before left over.</param>
/// <param name="Used">How many are used; more than the limit where the plan does not stop usage.</param>
/// <param name="Remaining">How many are left.</param>
/// <param name="Percent">How much of the limit is used, rounded down.</param>
/// <param name="Overage">What happens beyond it.</param>
/// <param name="ResetsAt">When the next month begins.</param>
public sealed record QuotaStanding(string Meter, long Limit, long CarriedOver, long Used, long Remaining, int Percent, Overage Overage, DateTimeOffset ResetsAt)
{
    internal bool HasReached(int percent) => Used * 100 >= Limit * percent;
}

/// <summary>The rules of monthly quotas, as pure functions.</summary>
internal static class QuotaRules
{
    /// <summary>At how many percent a customer is told; each once in a month.</summary>
    public static readonly IReadOnlyList<int> Thresholds = [80, 100];

    public static QuotaStanding Standing(Quota quota, long used, long carriedOver, DateTimeOffset resetsAt)
    {
        var limit = quota.PerMonth + carriedOver;
        return new QuotaStanding(quota.Meter, limit, carriedOver, used, Math.Max(0, limit - used), (int)Math.Min(int.MaxValue, used * 100 / limit), quota.Overage, resetsAt);
    }

    /// <summary>What a month leaves to the next: what was not used, up to what the plan carries over.</summary>
    public static long LeftOver(Quota quota, QuotaStanding standing) => Math.Min(quota.Rollover, standing.Remaining);

    /// <summary>The standing that so many further units would break; null when they fit, or the plan lets them pass.</summary>
    public static QuotaStanding? Stops(QuotaStanding standing, long further) =>
        standing.Overage == Overage.Stop && standing.Used + further > standing.Limit ? standing : null;
}
