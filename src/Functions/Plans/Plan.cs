using System.Text.Json.Serialization;

namespace CustomerFunctions.Plans;

/// <summary>What happens to usage beyond a quota.</summary>
public enum Overage
{
    /// <summary>It is refused until the quota resets.</summary>
    [JsonStringEnumMemberName("stop")] Stop,

    /// <summary>It is recorded; the customer is told.</summary>
    [JsonStringEnumMemberName("notify")] Notify,
}

/// <summary>What a customer whose trial is over, and who has not paid, may still do; staff may do it all.</summary>
public enum Deed
{
    [JsonStringEnumMemberName("read")] Read,
    [JsonStringEnumMemberName("export")] Export,
    [JsonStringEnumMemberName("pay")] Pay,
    [JsonStringEnumMemberName("remove")] Remove,
    [JsonStringEnumMemberName("create")] Create,
}

/// <param name="Name">Its name on the wire.</param>
/// <param name="Unit">What one unit is.</param>
public sealed record Meter(string Name, string Unit);

/// <param name="Meter">What is counted.</param>
/// <param name="PerMonth">How many units a calendar month (UTC) has.</param>
/// <param name="Rollover">How many unused units go into the next month, at the most.</param>
/// <param name="Overage">What happens beyond it.</param>
public sealed record Quota(string Meter, int PerMonth, int Rollover, Overage Overage);

/// <summary>How a trial goes: it ends when its time is over or its units are used up, whichever comes first.</summary>
/// <param name="Length">Its time.</param>
/// <param name="Meter">The meter whose units count.</param>
/// <param name="Units">How many units it has.</param>
/// <param name="RemindBefore">How long before its end the customer is told.</param>
/// <param name="ThenMay">What a customer may still do when it is over.</param>
public sealed record TrialTerms(TimeSpan Length, string Meter, int Units, IReadOnlyList<TimeSpan> RemindBefore, IReadOnlyList<Deed> ThenMay);

/// <summary>All that a plan allows.</summary>
public sealed record Plan
{
    public required string Name { get; init; }

    public required string Title { get; init; }

    /// <summary>Requests that one key of a customer may make in a minute.</summary>
    public required int RequestsPerMinute { get; init; }

    /// <summary>How long the audit log goes back.</summary>
    public required TimeSpan AuditRetention { get; init; }

    /// <summary>How long a customer whose payment failed goes on undisturbed.</summary>
    public required TimeSpan PaymentGrace { get; init; }

    /// <summary>The feature flags that it comes with.</summary>
    public required IReadOnlyList<string> FeatureFlags { get; init; }

    /// <summary>The roles that its customers' service accounts are given in Azure, by their names there.</summary>
    public required IReadOnlyList<string> RoleTemplate { get; init; }

    /// <summary>A meter without a quota is counted and has no limit.</summary>
    public required IReadOnlyList<Quota> Quotas { get; init; }

    /// <summary>For the plan that customers begin with.</summary>
    public TrialTerms? Trial { get; init; }

    internal Quota? QuotaOf(string meter) => Quotas.FirstOrDefault(quota => quota.Meter == meter);
}
