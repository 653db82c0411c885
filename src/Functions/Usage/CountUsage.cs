using CustomerFunctions.Edge;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.Usage;

/// <summary>Timer: counts what requests recorded and could not count: the process ended, or the store was down.</summary>
internal static class CountUsage
{
    /// <summary>Requests that are under way are left this much time.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(15);

    public static Task<TimerResult> Handle(UsageStore store, UsageCounter counter, TimeProvider clock, TimerPass pass, CancellationToken cancellation)
    {
        var before = clock.GetUtcNow() - Grace;
        return pass.Run(
            nameof(CountUsage),
            async (count, token) => (IReadOnlyList<Stored<UsageEvent>>)[.. (await store.UncountedAcrossCustomers(before, count, token)).DistinctBy(report => (report.Value.CustomerId, report.Value.Month))],
            async (Stored<UsageEvent> report, CancellationToken token) =>
            {
                await counter.Count(report.Value.CustomerId, report.Value.Month, token);
                return "counted";
            },
            cancellation);
    }
}
