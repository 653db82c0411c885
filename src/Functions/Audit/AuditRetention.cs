using CustomerFunctions.Plans;

namespace CustomerFunctions.Audit;

/// <summary>How long a customer's audit log goes back: as its plan says.</summary>
internal static class AuditRetention
{
    /// <summary>How long the log of an account goes back, whatever customers it belongs to.</summary>
    public static readonly TimeSpan OfAccounts = TimeSpan.FromDays(365);

    public static TimeSpan Of(string plan) => PlanCatalogue.Of(plan).AuditRetention;
}
