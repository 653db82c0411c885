using CustomerFunctions.Plans;

namespace CustomerFunctions.Audit;

/// <summary>How long a customer's audit log goes back: as its plan says.</summary>
internal static class AuditRetention
{
    public static TimeSpan Of(string plan) => PlanCatalogue.Of(plan).AuditRetention;
}
