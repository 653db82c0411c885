using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using CustomerFunctions.Plans;
using CustomerFunctions.Quotas;
using CustomerFunctions.Shared.Azure;
using CustomerFunctions.Trials;
using Microsoft.Extensions.Caching.Memory;

namespace CustomerFunctions.Usage;

/// <summary>
/// Brings reports into their month's totals, each exactly once, with no more than single documents being written at once. The month is read first, then the reports that wait are, then the month is replaced as it
/// was read: together with the totals it names the reports that it counted. Those are marked afterwards. Whoever comes while some are not marked yet finds them named, and marks them before anything else; so
/// a report is never counted by two changes of the month, wherever either of them stopped (decision 12).
/// </summary>
internal sealed partial class UsageCounter(UsageStore store, CustomerStore customers, TrialUnits trials, TimeProvider clock, ILogger<UsageCounter> log) : IDisposable
{
    /// <summary>Reports that one change of a month counts.</summary>
    private const int AtOnce = 200;
    private const int MarkedAtOnce = 16;
    private const int Attempts = 20;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);
    private static readonly Dictionary<string, long> Nothing = [];

    private readonly MemoryCache turns = new(new MemoryCacheOptions { SizeLimit = 50_000 });

    /// <summary>Counts behind the answer; what does not work out is the timer's to count.</summary>
    public async Task CountBehind(string customerId, string month)
    {
        await Task.Yield();
        using var longest = new CancellationTokenSource(Longest);
        try { await Count(customerId, month, longest.Token); }
        catch (Exception e) when (ExceptionEdge.IsDependencyFailure(e) || e is OperationCanceledException) { LeftForTimer(log, customerId, e.GetType().Name); }
    }

    /// <summary>Counts all that was recorded before this call. Callers of one instance that ask at the same time share the work.</summary>
    public async Task Count(string customerId, string month, CancellationToken cancellation)
    {
        var turn = turns.GetOrCreate((customerId, month), entry => { entry.Size = 1; entry.SlidingExpiration = 2 * Longest; return new Turn(); })!;
        var ticket = turn.Ask();
        await turn.Door.WaitAsync(cancellation);
        try
        {
            if (turn.Served >= ticket) { return; }
            var upTo = turn.Asked;
            await CountAlone(turn, customerId, month, cancellation);
            turn.Served = upTo;
        }
        finally
        {
            turn.Door.Release();
        }
    }

    private async Task CountAlone(Turn turn, string customerId, string month, CancellationToken cancellation)
    {
        for (var attempt = 0; attempt < Attempts;)
        {
            // In this order: a report that is read as waiting after the month has been is waiting, or the month changes and the write fails.
            var stored = await store.ReadMonth(customerId, month, cancellation);
            var (stillWaiting, areAll) = await store.Uncounted(customerId, month, AtOnce, cancellation);
            IReadOnlyList<UsageEvent> waiting = [.. stillWaiting.Select(report => report.Value)];
            var named = stored?.Value.Counting ?? [];
            var unmarked = waiting.Select(report => report.Id).Intersect(named).ToList();
            if (unmarked.Count > 0 || (!areAll && named.Count > 0 && turn.Settled != stored?.Value.WriteId))
            {
                await Settle(stored!.Value, areAll ? unmarked : named, cancellation);
                if (unmarked.Count > 0) { attempt++; continue; }
            }
            if (waiting.Count == 0) { return; }
            if (await customers.Read(customerId, cancellation) is not { } customer) { await Drop(stored, stillWaiting, cancellation); return; }

            var now = clock.GetUtcNow();
            var before = stored?.Value ?? await Open(customer.Value, month, now, cancellation);
            var after = before.Count(waiting, now).WithNotices(customer.Value, clock);
            if (await store.TryWrite(stored, after, cancellation) is not { } written) { attempt++; continue; }
            await Settle(written.Value, written.Value.Counting, cancellation);
            turn.Settled = written.Value.WriteId;
            if (areAll) { return; }
        }
    }

    /// <summary>The month as it begins, with what the one before left over.</summary>
    public async Task<UsageMonth> Open(Customer customer, string month, DateTimeOffset now, CancellationToken cancellation) =>
        UsageMonth.Open(customer.Id, month, await LeftOver(customer, UsageMonths.Before(month), cancellation), now);

    /// <summary>
    /// What a month leaves over: by the plan that it ended with, with everything counted that was recorded, so it does not matter who opens the next one, and when. A month without usage leaves over what an unused one does,
    /// if the customer was there. It never takes more than this month to know, since no plan carries over more than a month has.
    /// </summary>
    private async Task<IReadOnlyDictionary<string, long>> LeftOver(Customer customer, string month, CancellationToken cancellation)
    {
        var carrying = PlanCatalogue.Of(customer.PlanAtEndOf(month)).Quotas.Where(quota => quota.Rollover > 0).ToList();
        if (carrying.Count == 0) { return Nothing; }
        await Count(customer.Id, month, cancellation);
        var stored = await store.ReadMonth(customer.Id, month, cancellation);
        if (stored is null && customer.CreatedAt >= UsageMonths.End(month)) { return Nothing; }
        var left = stored?.Value ?? UsageMonth.Open(customer.Id, month, Nothing, customer.CreatedAt);
        return carrying.ToDictionary(quota => quota.Meter, quota => QuotaRules.LeftOver(quota, left.StandingOf(quota)));
    }

    /// <summary>Of a customer who was purged while reports were made nothing stays: neither they nor the month.</summary>
    private async Task Drop(Stored<UsageMonth>? month, IReadOnlyList<Stored<UsageEvent>> reports, CancellationToken cancellation)
    {
        foreach (var report in reports) { await store.Remove(report.Value.CustomerId, report, cancellation); }
        if (month is not null) { await store.Remove(month.Value.CustomerId, month, cancellation); }
    }

    /// <summary>What follows from having been counted comes before the mark: until then the timer leads here again.</summary>
    private async Task Settle(UsageMonth month, IReadOnlyList<string> reports, CancellationToken cancellation)
    {
        await trials.Update(month, cancellation);
        await Mark(month.CustomerId, reports, cancellation);
    }

    private Task Mark(string customerId, IReadOnlyList<string> reports, CancellationToken cancellation) =>
        Parallel.ForEachAsync(reports, new ParallelOptions { MaxDegreeOfParallelism = MarkedAtOnce, CancellationToken = cancellation }, async (report, token) => await store.MarkCounted(customerId, report, token));

    public void Dispose() => turns.Dispose();

    [LoggerMessage(1901, LogLevel.Warning, "Usage of {CustomerId} waits for the timer: {Exception}")]
    private static partial void LeftForTimer(ILogger log, string customerId, string exception);

    /// <summary>Who is counting one month, and up to whose request.</summary>
    private sealed class Turn
    {
        private int asked;

        public SemaphoreSlim Door { get; } = new(1);

        public int Asked => Volatile.Read(ref asked);

        public int Served { get; set; }

        /// <summary>The change of the month whose reports this instance has marked, all of them.</summary>
        public string? Settled { get; set; }

        public int Ask() => Interlocked.Increment(ref asked);
    }
}
