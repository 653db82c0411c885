using CustomerFunctions.Customers;

namespace CustomerFunctions.Flags;

/// <summary>A feature that customers have or have not.</summary>
/// <param name="Name">Its name on the wire.</param>
/// <param name="Description">What a customer can do with it.</param>
/// <param name="Plans">The plans that have it.</param>
internal sealed record FeatureFlag(string Name, string Description, IReadOnlyList<string> Plans);

/// <summary>
/// Every feature flag, and the plans it comes with. A customer's own setting, made by staff, goes before its plan's; it stands in the customer's document, so asking costs nothing beyond the
/// customer.
/// </summary>
internal static class FeatureFlags
{
    public static readonly IReadOnlyList<FeatureFlag> All =
    [
        new("apiAccess", "Call the API with keys of its own.", ["trial", "free", "basic", "professional", "enterprise"]),
        new("customBranding", "Show its own logo.", ["trial", "basic", "professional", "enterprise"]),
        new("keyRotation", "Have service accounts' keys rotated on a schedule of its own.", ["trial", "basic", "professional", "enterprise"]),
        new("webhooks", "Be told of events as they happen.", ["professional", "enterprise"]),
        new("networkRules", "Confine its keys to networks.", ["professional", "enterprise"]),
        new("auditExport", "Download its audit log.", ["enterprise"]),
    ];

    private static readonly Dictionary<string, FeatureFlag> ByName = All.ToDictionary(flag => flag.Name);

    public static FeatureFlag? Find(string name) => ByName.GetValueOrDefault(name);

    public static bool IsEnabled(FeatureFlag flag, Customer customer) =>
        customer.FlagOverrides.TryGetValue(flag.Name, out var enabled) ? enabled : flag.Plans.Contains(customer.Plan);
}
