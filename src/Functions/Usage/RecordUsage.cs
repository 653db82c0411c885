using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using CustomerFunctions.Access;
using CustomerFunctions.Edge;
using CustomerFunctions.Plans;
using CustomerFunctions.Quotas;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Usage;

/// <param name="Id">The reporter's own id for it; with the source it is what makes a repetition one.</param>
/// <param name="Source">Who reports, such as fixer/eu-1.</param>
/// <param name="Meter">What is counted; see GET /api/plans and its quotas.</param>
/// <param name="Quantity">How many units: 1 to 1,000,000,000.</param>
/// <param name="Time">When they were used, at most 32 days ago; now when it is left out, or up to five minutes ahead.</param>
public sealed record UsageReport(
    [property: Required] string? Id = null, [property: Required] string? Source = null, [property: Required] string? Meter = null, [property: Required] long? Quantity = null, DateTimeOffset? Time = null);

/// <param name="Events">1 to 1,000 reports.</param>
public sealed record RecordUsageRequest([property: Required] IReadOnlyList<UsageReport?>? Events = null);

/// <param name="Recorded">How many were new.</param>
/// <param name="Duplicates">How many had been recorded before, and are not counted again.</param>
/// <param name="Conflicts">Which of the duplicates have another meter, quantity or time than what was recorded; absent when none has. What was recorded first counts.</param>
public sealed record RecordUsageResponse(int Recorded, int Duplicates, IReadOnlyList<UsageConflict>? Conflicts = null);

/// <param name="Source">The source of the report.</param>
/// <param name="Id">Its id, which is known with other content.</param>
public sealed record UsageConflict(string Source, string Id);

/// <summary>
/// Records usage. Whatever became of an earlier try, the same reports may be sent again: each counts once. A request is recorded as a whole or, when a quota stops it, not at all; one that broke off
/// in the middle is completed by its repetition.
/// </summary>
internal static class RecordUsage
{
    private const int MaxEvents = 1_000;
    private const int MaxQuantity = 1_000_000_000;
    private const int AtOnce = 16;
    /// <summary>What is recorded stands, so a count that takes longer goes on behind the answer.</summary>
    private static readonly TimeSpan CountingTime = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(5);

    public static async Task<Results<Ok<RecordUsageResponse>, Problem>> Handle(
        string customerId, RecordUsageRequest request, CustomerInPath customer, Caller caller, UsageStore store, UsageCounter counter, QuotaGate gate, TimeProvider clock, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        if (request.Events is not { Count: >= 1 and <= MaxEvents } events) { return Failures.Invalid("/events", "out-of-range", $"Expected 1 to {MaxEvents} reports."); }
        if (Check(events, now) is { } invalid) { return invalid; }

        var reports = events.Select(report => NewEvent(customerId, report!, caller, now)).DistinctBy(report => report.Id).ToList();
        if (await gate.Refuses(customer.Value, reports, cancellation) is { } refusal) { return refusal; }
        var (recorded, known) = (0, new ConcurrentDictionary<string, UsageEvent>());
        await Parallel.ForEachAsync(reports, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation }, async (report, token) =>
        {
            var (found, isNew) = await store.TryAdd(report, token);
            if (isNew) { Interlocked.Increment(ref recorded); }
            known[report.Id] = found ?? report;
        });
        var counting = Task.WhenAll(reports.Select(report => report.Month).Distinct().Select(month => counter.CountBehind(customerId, month)));
        // Who waits for it: trials and stops, which have to know. The others' totals follow behind the answer.
        if (QuotaGate.MustKnow(customer.Value)) { await Task.WhenAny(counting, Task.Delay(CountingTime, clock, cancellation)); }
        return TypedResults.Ok(new RecordUsageResponse(recorded, events.Count - recorded, Conflicts(customerId, events, known)));
    }

    private static List<UsageConflict>? Conflicts(string customerId, IReadOnlyList<UsageReport?> events, ConcurrentDictionary<string, UsageEvent> known)
    {
        var conflicts = events.OfType<UsageReport>().Where(report => !known[UsageEvent.IdOf(customerId, report.Source!, report.Id!)].Says(report))
            .Select(report => new UsageConflict(report.Source!, report.Id!)).Distinct().ToList();
        return conflicts.Count == 0 ? null : conflicts;
    }

    private static Problem? Check(IReadOnlyList<UsageReport?> events, DateTimeOffset now)
    {
        var checks = new Checks();
        for (var i = 0; i < events.Count; i++)
        {
            var at = FormattableString.Invariant($"/events/{i}");
            if (events[i] is not { } report) { checks.Add(at, "wrong-type", "A report is an object."); continue; }
            checks.Text($"{at}/id", report.Id, 200, required: true);
            checks.Text($"{at}/source", report.Source, 200, required: true);
            if (report.Meter is null) { checks.Add($"{at}/meter", "required", "The field is required."); }
            else if (!PlanCatalogue.HasMeter(report.Meter)) { checks.Add($"{at}/meter", "unknown-value", $"Expected one of: {string.Join(", ", PlanCatalogue.Current.Meters.Select(meter => meter.Name))}."); }
            if (report.Quantity is null) { checks.Add($"{at}/quantity", "required", "The field is required."); }
            else if (report.Quantity is < 1 or > MaxQuantity) { checks.Add($"{at}/quantity", "out-of-range", $"Expected 1 to {MaxQuantity}."); }
            if (report.Time is { } time && (time < now - UsageEvent.Remembered || time > now + ClockSkew)) { checks.Add($"{at}/time", "out-of-range", "Expected an instant within the last 32 days."); }
        }
        return checks.Refusal;
    }

    private static UsageEvent NewEvent(string customerId, UsageReport report, Caller caller, DateTimeOffset now)
    {
        // A reporter's clock that is ahead would open a month before the one before it is over.
        var time = report.Time < now ? report.Time.Value : now;
        return new UsageEvent
        {
            Id = UsageEvent.IdOf(customerId, report.Source!, report.Id!),
            Type = UsageEvent.DocumentType,
            CustomerId = customerId,
            Month = UsageMonths.Of(time),
            Meter = report.Meter!,
            Quantity = report.Quantity!.Value,
            Time = time,
            Source = report.Source!,
            EventId = report.Id!,
            RecordedAt = now,
            RecordedBy = caller.Id,
            UncountedSince = now,
        };
    }
}
