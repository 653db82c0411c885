using System.Text.Json.Serialization;
using CustomerFunctions.Plans;

namespace CustomerFunctions.Customers;

public enum TrialStatus
{
    [JsonStringEnumMemberName("active")] Active,
    [JsonStringEnumMemberName("expired")] Expired,
    [JsonStringEnumMemberName("converted")] Converted,
}

/// <summary>A trial ends at an instant or when its units are used up, whichever comes first.</summary>
internal sealed record Trial(TrialStatus Status, DateTimeOffset StartedAt, DateTimeOffset EndsAt, int UnitsLimit, int UnitsUsed, DateTimeOffset? EndedAt = null)
{
    private const int MostExtensions = 10;

    /// <summary>Reminders that were due by then have been given, or are no longer of use.</summary>
    public DateTimeOffset? RemindedAt { get; init; }

    /// <summary>The requests that extended it last; none of them does it again.</summary>
    public IReadOnlyList<string> Extensions { get => field ?? []; init; }

    public Trial ExtendedBy(string request) => this with { Extensions = [.. Extensions.Append(request).TakeLast(MostExtensions)] };

    public static Trial Begin(DateTimeOffset now) => new(TrialStatus.Active, now, now + PlanCatalogue.Trial.Length, PlanCatalogue.Trial.Units, UnitsUsed: 0);

    /// <summary>When it has to be looked at next: for a reminder, or at its end; null when it is over.</summary>
    public DateTimeOffset? DueAt() => Status != TrialStatus.Active ? null
        : PlanCatalogue.Trial.RemindBefore.Select(before => EndsAt - before).Where(at => at > (RemindedAt ?? StartedAt)).Append(EndsAt).Min();
}
