using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using CustomerFunctions.Plans;
using CustomerFunctions.Shared.Azure;
using CustomerFunctions.Usage;

namespace CustomerFunctions.Quotas;

/// <summary>
/// Timer: closes the months that are over. Where the plan that a month ended with carries units over, the next month is opened with them first; usage that came earlier has opened it in the same way. Reports that come
/// late still count in their own month, and no longer change what it left over.
/// </summary>
internal static class RollUsageMonths
{
    public static Task<TimerResult> Handle(UsageStore store, UsageCounter counter, CustomerStore customers, TimeProvider clock, TimerPass pass, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        return pass.Run(
            nameof(RollUsageMonths),
            (count, token) => store.MonthsToCloseAcrossCustomers(now, count, token),
            async (Stored<UsageMonth> month, CancellationToken token) =>
            {
                if (await customers.Read(month.Value.CustomerId, token) is not { } customer)
                {
                    // Its customer was purged while it was written.
                    await store.Remove(month.Value.CustomerId, month, token);
                    return "removed";
                }
                if (PlanCatalogue.Of(customer.Value.PlanAtEndOf(month.Value.Month)).Quotas.Any(quota => quota.Rollover > 0))
                {
                    var next = UsageMonths.After(month.Value.Month);
                    if (await store.ReadMonth(customer.Value.Id, next, token) is null) { await store.TryWrite(before: null, await counter.Open(customer.Value, next, now, token), token); }
                }
                var closed = await store.ReadMonth(month.Value.CustomerId, month.Value.Month, token);
                return closed?.Value.CloseDueAt is not null && await store.TryWrite(closed, closed.Value with { CloseDueAt = null }, token) is not null ? "closed" : TimerPass.Skipped;
            },
            cancellation);
    }
}
