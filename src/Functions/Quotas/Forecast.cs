namespace CustomerFunctions.Quotas;

/// <param name="PerDay">Units a day that it expects.</param>
/// <param name="ExpectedAtMonthEnd">Units that the month will have had, at this pace.</param>
/// <param name="Earliest">When the quota is reached if usage goes faster, as it does in one of ten cases; absent when not this month.</param>
/// <param name="Expected">When it is reached at this pace; absent when not this month.</param>
/// <param name="Latest">When it is reached if usage goes slower, as it does in one of ten cases; absent when not this month.</param>
public sealed record Projection(double PerDay, double ExpectedAtMonthEnd, DateTimeOffset? Earliest, DateTimeOffset? Expected, DateTimeOffset? Latest);

/// <summary>
/// When a quota will be reached, as a pure function. The days to come are taken to be like the last ones, each independent of the others: after n days the sum is expected at n times their mean, and lies
/// within 1.28 standard deviations times the root of n of it in eight of ten cases.
/// </summary>
internal static class Forecast
{
    /// <summary>How many complete days it looks back.</summary>
    public const int DaysBack = 28;

    /// <summary>With fewer it does not guess.</summary>
    public const int FewestDays = 3;

    /// <summary>The normal distribution's quantile at 90 %.</summary>
    private const double Width = 1.2816;

    private static readonly TimeSpan Step = TimeSpan.FromHours(1);

    /// <param name="days">Units of the last complete days.</param>
    /// <param name="used">Units used this month.</param>
    /// <param name="limit">Units that the month has.</param>
    /// <param name="now">Now.</param>
    /// <param name="resetsAt">When the month ends.</param>
    /// <returns>Null when there are too few days to say.</returns>
    public static Projection? Of(IReadOnlyList<long> days, long used, long limit, DateTimeOffset now, DateTimeOffset resetsAt)
    {
        if (days.Count < FewestDays) { return null; }
        var mean = days.Average();
        var deviation = Math.Sqrt(days.Sum(day => (day - mean) * (day - mean)) / (days.Count - 1));
        return new Projection(
            Math.Round(mean, 2),
            Math.Round(used + (mean * (resetsAt - now).TotalDays), 1),
            Reached(mean, Width * deviation, limit - used, now, resetsAt),
            Reached(mean, 0, limit - used, now, resetsAt),
            Reached(mean, -Width * deviation, limit - used, now, resetsAt));
    }

    /// <summary>The first full hour from now in which the expected sum and its margin come to what is left.</summary>
    private static DateTimeOffset? Reached(double mean, double margin, long left, DateTimeOffset now, DateTimeOffset resetsAt)
    {
        for (var at = now; at < resetsAt; at += Step)
        {
            var days = (at - now).TotalDays;
            if ((mean * days) + (margin * Math.Sqrt(days)) >= left) { return at; }
        }
        return null;
    }
}
