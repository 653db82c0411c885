using System.Text.Json;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using CustomerFunctions.Flags;
using CustomerFunctions.Usage;

namespace CustomerFunctions.Plans;

/// <summary>Every plan and meter, as <c>plans.json</c> in this folder defines them; the file is part of the app and is checked when it starts.</summary>
public sealed record PlanCatalogue
{
    /// <summary>What a customer has when it has no other plan.</summary>
    internal const string Free = "free";

    private static readonly Lazy<PlanCatalogue> Own = new(ReadOwn);

    public required IReadOnlyList<Meter> Meters { get; init; }

    public required IReadOnlyList<Plan> Plans { get; init; }

    internal static PlanCatalogue Current => Own.Value;

    /// <summary>What a customer's trial is like.</summary>
    internal static TrialTerms Trial => Of(Customer.TrialPlan).Trial!;

    /// <summary>The plan of that name; a plan that nobody knows is as good as none, which is the free one.</summary>
    internal static Plan Of(string name) => Find(name) ?? Find(Free)!;

    internal static Plan? Find(string name) => Current.Plans.FirstOrDefault(plan => plan.Name == name);

    internal static bool HasMeter(string name) => Current.Meters.Any(meter => meter.Name == name);

    /// <summary>Reads a definition; throws <see cref="SettingsException"/> that names everything wrong with it.</summary>
    internal static PlanCatalogue Parse(string json)
    {
        PlanCatalogue catalogue;
        try { catalogue = JsonSerializer.Deserialize(json, ApiJson.Default.PlanCatalogue) ?? throw new JsonException("It is null."); }
        catch (JsonException e) { throw new SettingsException($"Plans: {e.Message}"); }
        var wrong = Mistakes(catalogue).ToList();
        return wrong.Count == 0 ? catalogue : throw new SettingsException("Plans: " + string.Join("; ", wrong));
    }

    private static IEnumerable<string> Mistakes(PlanCatalogue catalogue)
    {
        foreach (var needed in new[] { Customer.TrialPlan, Free }.Where(name => catalogue.Plans.All(plan => plan.Name != name))) { yield return $"there is no plan '{needed}'"; }
        foreach (var twice in catalogue.Plans.CountBy(plan => plan.Name).Where(count => count.Value > 1)) { yield return $"{twice.Key} is there more than once"; }
        var meters = catalogue.Meters.Select(meter => meter.Name).ToHashSet();
        foreach (var plan in catalogue.Plans)
        {
            foreach (var wrong in Mistakes(plan, meters)) { yield return $"{plan.Name}: {wrong}"; }
        }
    }

    private static IEnumerable<string> Mistakes(Plan plan, HashSet<string> meters)
    {
        if (plan.RequestsPerMinute < 1) { yield return "requestsPerMinute must be at least 1"; }
        if (plan.AuditRetention < TimeSpan.FromDays(1)) { yield return "auditRetention must be at least a day"; }
        if (plan.PaymentGrace < TimeSpan.Zero) { yield return "paymentGrace may not be negative"; }
        foreach (var unknown in plan.FeatureFlags.Where(flag => FeatureFlags.Find(flag) is null)) { yield return $"there is no feature flag '{unknown}'"; }
        if (plan.RoleTemplate.Any(string.IsNullOrWhiteSpace)) { yield return "a role of the roleTemplate has no name"; }
        foreach (var twice in plan.RoleTemplate.CountBy(role => role, StringComparer.OrdinalIgnoreCase).Where(count => count.Value > 1)) { yield return $"the roleTemplate has '{twice.Key}' more than once"; }
        foreach (var twice in plan.Quotas.CountBy(quota => quota.Meter).Where(count => count.Value > 1)) { yield return $"more than one quota for '{twice.Key}'"; }
        foreach (var quota in plan.Quotas)
        {
            if (!meters.Contains(quota.Meter)) { yield return $"there is no meter '{quota.Meter}'"; }
            if (quota is { Meter: RequestUsage.Meter, Overage: Overage.Stop }) { yield return $"the quota for '{quota.Meter}' can only notify: requests are counted when they have been answered"; }
            if (quota.PerMonth < 1 || quota.Rollover < 0 || quota.Rollover > quota.PerMonth) { yield return $"the quota for '{quota.Meter}' must be at least 1, its rollover from 0 to the quota"; }
        }
        if (plan.Trial is null != (plan.Name != Customer.TrialPlan)) { yield return "the plan 'trial' has trial terms, and no other"; }
        if (plan.Trial is { } trial)
        {
            if (!meters.Contains(trial.Meter)) { yield return $"there is no meter '{trial.Meter}'"; }
            if (trial.Length <= TimeSpan.Zero || trial.Units < 1) { yield return "a trial has time and units"; }
            if (trial.RemindBefore.Any(before => before <= TimeSpan.Zero || before >= trial.Length)) { yield return "a trial's reminders lie within it"; }
        }
    }

    private static PlanCatalogue ReadOwn()
    {
        using var reader = new StreamReader(typeof(PlanCatalogue).Assembly.GetManifestResourceStream("plans.json")!);
        return Parse(reader.ReadToEnd());
    }
}
