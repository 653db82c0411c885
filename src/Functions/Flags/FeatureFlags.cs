using CustomerFunctions.Customers;
using CustomerFunctions.Plans;

namespace CustomerFunctions.Flags;

/// <summary>A feature that customers have or have not.</summary>
/// <param name="Name">Its name on the wire.</param>
/// <param name="Description">What a customer can do with it.</param>
internal sealed record FeatureFlag(string Name, string Description);

/// <summary>
/// Every feature flag; which plan comes with which is the plans' to say. A customer's own setting, made by staff, goes before its plan's; it stands in the customer's document, so asking costs nothing beyond the
/// customer.
/// </summary>
internal static class FeatureFlags
{
    public static readonly IReadOnlyList<FeatureFlag> All =
    [
        new("apiAccess", "Call the API with keys of its own."),
        new("customBranding", "Show its own logo."),
        new("keyRotation", "Have service accounts' keys rotated on a schedule of its own."),
        new("webhooks", "Be told of events as they happen."),
        new("networkRules", "Confine its keys to networks."),
        new("auditExport", "Download its audit log."),
    ];

    private static readonly Dictionary<string, FeatureFlag> ByName = All.ToDictionary(flag => flag.Name);

    public static FeatureFlag? Find(string name) => ByName.GetValueOrDefault(name);

    public static bool IsEnabled(FeatureFlag flag, Customer customer) =>
        customer.FlagOverrides.TryGetValue(flag.Name, out var enabled) ? enabled : PlanCatalogue.Find(customer.Plan)?.FeatureFlags.Contains(flag.Name) == true;
}
