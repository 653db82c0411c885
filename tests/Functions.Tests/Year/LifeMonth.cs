using System.Globalization;
using CustomerFunctions.Plans;

namespace CustomerFunctions.Tests.Year;

/// <summary>What a customer has used in a month, as it must be.</summary>
internal sealed class LifeMonth
{
    private readonly Dictionary<string, long> used = [];
    private readonly HashSet<string> told = [];

    /// <param name="before">The month before, if anything was used in it.</param>
    /// <param name="plan">The plan that the month before ended with; null for who was not there.</param>
    public LifeMonth(LifeMonth? before, Plan? plan)
    {
        foreach (var quota in plan?.Quotas.Where(quota => quota.Rollover > 0) ?? []) { Carried[quota.Meter] = Math.Min(quota.Rollover, before is null ? quota.PerMonth : Math.Max(0, before.Limit(quota) - before.Used(quota.Meter))); }
    }

    public Dictionary<string, long> Carried { get; } = [];

    public IReadOnlyDictionary<string, long> Totals => used;

    public bool IsClosed { get; set; }

    public static string NameOf(DateOnly day) => day.ToString("yyyy-MM", CultureInfo.InvariantCulture);

    public static string Before(string name) => NameOf(First(name).AddMonths(-1));

    public static string After(string name) => NameOf(First(name).AddMonths(1));

    public long Used(string meter) => used.GetValueOrDefault(meter);

    public long Limit(Quota quota) => quota.PerMonth + Math.Min(quota.Rollover, Carried.GetValueOrDefault(quota.Meter));

    /// <summary>Counts units and says what is to be told: each threshold of the plan of the day once a month.</summary>
    public IReadOnlyList<string> Add(string meter, long quantity, Plan plan)
    {
        used[meter] = Used(meter) + quantity;
        var reached = from quota in plan.Quotas
                      from threshold in new[] { (Percent: 80, Notice: "quota.warning"), (Percent: 100, Notice: "quota.reached") }
                      where Used(quota.Meter) * 100 >= Limit(quota) * threshold.Percent && told.Add($"{quota.Meter} {threshold.Percent}")
                      select threshold.Notice;
        return [.. reached];
    }

    private static DateOnly First(string name) => DateOnly.ParseExact(name + "-01", "yyyy-MM-dd", CultureInfo.InvariantCulture);
}
