using System.Collections.Concurrent;
using CustomerFunctions.Access;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;

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
    private readonly List<UsageEvent> unreported = [];
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
        catch (OperationCanceledException)
        {
            // Stopping: StopAsync reports what is left.
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await Report(cancellationToken);
    }

    /// <summary>A report whose write failed keeps its id and comes again, so that it counts once.</summary>
    private async Task Report(CancellationToken cancellation)
    {
        foreach (var customerId in counts.Keys)
        {
            if (counts.TryRemove(customerId, out var count)) { unreported.Add(NewReport(customerId, count)); }
        }
        for (var i = unreported.Count - 1; i >= 0; i--)
        {
            try { await store.TryAdd(unreported[i], cancellation); }
            catch (Exception e) when (ExceptionEdge.IsDependencyFailure(e)) { NotReported(log, unreported.Count, e.GetType().Name); return; }
            unreported.RemoveAt(i);
        }
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
