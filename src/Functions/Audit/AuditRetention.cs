using CustomerFunctions.Customers;

namespace CustomerFunctions.Audit;

/// <summary>How long a customer's audit log goes back: by its plan, and thirty days for a plan that is not listed.</summary>
internal static class AuditRetention
{
    private static readonly TimeSpan Shortest = TimeSpan.FromDays(30);

    private static readonly Dictionary<string, TimeSpan> ByPlan = new(StringComparer.Ordinal)
    {
        [Customer.TrialPlan] = Shortest,
        ["free"] = Shortest,
        ["basic"] = TimeSpan.FromDays(90),
        ["professional"] = TimeSpan.FromDays(365),
        ["enterprise"] = TimeSpan.FromDays(7 * 365),
    };

    public static TimeSpan Of(string plan) => ByPlan.GetValueOrDefault(plan, Shortest);
}
