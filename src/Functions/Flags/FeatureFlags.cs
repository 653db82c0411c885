using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using CustomerFunctions.Plans;

namespace CustomerFunctions.Flags;

/// <summary>A feature that customers have or have not.</summary>
/// <param name="Name">Its name on the wire.</param>
/// <param name="Description">What a customer can do with it.</param>
internal sealed record FeatureFlag(string Name, string Description);

/// <summary>
/// Every feature flag; which plan comes with which is the plans' to say, and a route says which it takes. A customer's own setting, made by staff, goes before its plan's; it stands in the customer's document, so asking costs
/// nothing beyond the customer.
/// </summary>
internal static class FeatureFlags
{
    /// <summary>Asked where every request of a key or a service account is let in.</summary>
    public static readonly FeatureFlag ApiAccess = new("apiAccess", "Call the API with keys of its own.");

    /// <summary>For whoever shows pages; nothing here depends on it.</summary>
    public static readonly FeatureFlag CustomBranding = new("customBranding", "Show its own logo.");

    public static readonly FeatureFlag KeyRotation = new("keyRotation", "Have service accounts' keys rotated on a schedule of its own.");
    public static readonly FeatureFlag Webhooks = new("webhooks", "Be told of events as they happen.");
    public static readonly FeatureFlag NetworkRules = new("networkRules", "Confine its keys to networks.");
    public static readonly FeatureFlag AuditExport = new("auditExport", "Download its audit log.");

    public static readonly IReadOnlyList<FeatureFlag> All = [ApiAccess, CustomBranding, KeyRotation, Webhooks, NetworkRules, AuditExport];

    private static readonly Dictionary<string, FeatureFlag> ByName = All.ToDictionary(flag => flag.Name);

    public static FeatureFlag? Find(string name) => ByName.GetValueOrDefault(name);

    public static bool IsEnabled(FeatureFlag flag, Customer customer) =>
        customer.FlagOverrides.TryGetValue(flag.Name, out var enabled) ? enabled : PlanCatalogue.Of(customer.Plan).FeatureFlags.Contains(flag.Name);

    /// <summary>Why a customer may not use a feature; null when it may. Staff are told the same: they give a customer the feature, which is recorded, and do not go past it.</summary>
    public static Problem? Refuses(FeatureFlag flag, Customer customer) => IsEnabled(flag, customer) ? null
        : Failures.FeatureNotInPlan(flag.Name, [.. PlanCatalogue.Current.Plans.Where(plan => plan.FeatureFlags.Contains(flag.Name)).Select(plan => plan.Name)]);
}
