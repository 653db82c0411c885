using System.Collections.Concurrent;
using CustomerFunctions.Access;
using CustomerFunctions.Customers;

namespace CustomerFunctions.Usage;

/// <summary>
/// Meters the requests of customers' keys and people in memory, and reports them every few seconds as any other usage is: a request writes nothing. An instance that is killed takes with it what it has
/// not reported, that is <see cref="Interval"/> at the most while the store answers; one that is stopped reports first.
/// </summary>
internal sealed partial class RequestUsage(UsageStore store, TimeProvider clock, ILogger<RequestUsage> log) : BackgroundService
{
    public const string Meter = "apiRequest";

    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly string source = $"api/{Guid.CreateVersion7():N}";
    private readonly ConcurrentDictionary<string, long> counts = new(StringComparer.Ordinal);

    /// <summary>By customer: so there are never more than customers, however long the store is down.</summary>
    private readonly Dictionary<string, UsageEvent> unreported = new(StringComparer.Ordinal);
    private long reports;

    /// <summary>One more request; those of staff and sales representatives count for nobody.</summary>
    public void Note(Principal principal, Customer? customer)
    {
        if ((principal.CustomerId ?? (principal.Role is null ? customer?.Id : null)) is { } customerId) { counts.AddOrUpdate(customerId, 1, (_, count) => count + 1); }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken)) { await Report(stoppingToken); }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping: StopAsync reports what is left.
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await Report(cancellationToken);
        // And what was counted behind a report that had failed before.
        await Report(cancellationToken);
    }

    /// <summary>
    /// A report whose write failed keeps its id and comes again, so that it counts once; what its customer asks meanwhile goes on being counted behind it. Whatever it was that failed, a partition that is full or a
    /// role that is missing say, concerns this report alone: neither the others nor this instance.
    /// </summary>
    private async Task Report(CancellationToken cancellation)
    {
        foreach (var customerId in counts.Keys.Where(customerId => !unreported.ContainsKey(customerId)))
        {
            if (counts.TryRemove(customerId, out var count)) { unreported.Add(customerId, NewReport(customerId, count)); }
        }
        Exception? last = null;
        foreach (var (customerId, report) in unreported)
        {
            try
            {
                await store.TryAdd(report, cancellation);
                unreported.Remove(customerId);
            }
            catch (Exception e) when (!cancellation.IsCancellationRequested) { last = e; }
        }
        if (last is not null) { NotReported(log, unreported.Count, last.GetType().Name); }
    }

    private UsageEvent NewReport(string customerId, long count)
    {
        var (now, id) = (clock.GetUtcNow(), FormattableString.Invariant($"{reports++}"));
        return new UsageEvent
        {
            Id = UsageEvent.IdOf(customerId, source, id),
            Type = UsageEvent.DocumentType,
            CustomerId = customerId,
            Month = UsageMonths.Of(now),
            Meter = Meter,
            Quantity = count,
            Time = now,
            Source = source,
            EventId = id,
            RecordedAt = now,
            RecordedBy = nameof(RequestUsage),
            UncountedSince = now,
        };
    }

    [LoggerMessage(1902, LogLevel.Warning, "{Count} counts of API requests wait to be reported: {Exception}")]
    private static partial void NotReported(ILogger log, int count, string exception);
}
