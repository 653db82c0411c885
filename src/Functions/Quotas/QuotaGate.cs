using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using CustomerFunctions.Plans;
using CustomerFunctions.RateLimits;
using CustomerFunctions.Usage;

namespace CustomerFunctions.Quotas;

/// <summary>
/// Stops usage where a plan says so. It looks at what is counted; requests that are under way at the same time do not see each other, so a stop may be overrun by what they bring, and by no more.
/// </summary>
internal sealed class QuotaGate(UsageStore store, UsageCounter counter, TimeProvider clock)
{
    /// <summary>How many reports are looked up at once.</summary>
    private const int AtOnce = 32;

    /// <summary>Whether this customer's next request depends on what this one adds.</summary>
    public static bool MustKnow(Customer customer) =>
        (customer.Plan == Customer.TrialPlan && customer.Trial.Status == TrialStatus.Active) || PlanCatalogue.Of(customer.Plan).Quotas.Any(quota => quota.Overage == Overage.Stop);

    public async Task<Problem?> Refuses(Customer customer, IReadOnlyList<UsageEvent> reports, CancellationToken cancellation)
    {
        var (plan, now) = (PlanCatalogue.Of(customer.Plan), clock.GetUtcNow());
        foreach (var group in reports.Where(report => plan.QuotaOf(report.Meter)?.Overage == Overage.Stop).GroupBy(report => (report.Month, report.Meter)))
        {
            var month = (await store.ReadMonth(customer.Id, group.Key.Month, cancellation))?.Value ?? await counter.Open(customer, group.Key.Month, now, cancellation);
            var standing = month.StandingOf(plan.QuotaOf(group.Key.Meter)!);
            if (QuotaRules.Stops(standing, group.Sum(report => report.Quantity)) is null) { continue; }
            if (await Further(group, standing.Remaining, cancellation) is > 0 and var further && QuotaRules.Stops(standing, further) is not null) { return Reached(standing, month.Month, now); }
        }
        return null;
    }

    /// <summary>How much of it was not recorded before, which is in the total already: a repetition is no further usage. Once that is more than is left it does not matter how much more.</summary>
    private async Task<long> Further(IEnumerable<UsageEvent> reports, long left, CancellationToken cancellation)
    {
        var further = 0L;
        foreach (var some in reports.Chunk(AtOnce))
        {
            var known = await Task.WhenAll(some.Select(report => store.Has(report.CustomerId, report.Id, cancellation)));
            further += some.Zip(known).Sum(one => one.Second ? 0 : one.First.Quantity);
            if (further > left) { break; }
        }
        return further;
    }

    /// <summary>A month that is over resets no more, so there is no time after which to come again.</summary>
    private static Problem Reached(QuotaStanding standing, string month, DateTimeOffset now)
    {
        var isOver = standing.ResetsAt <= now;
        var what = FormattableString.Invariant($"The quota of the meter '{standing.Meter}' in {month} has {standing.Limit} units and {standing.Remaining} are left.");
        var (quota, remaining) = ((int)Math.Min(int.MaxValue, standing.Limit), (int)Math.Min(int.MaxValue, standing.Remaining));
        return Failures.QuotaReached(
            new RateLimitStatus(standing.Meter, quota, UsageMonths.End(month) - UsageMonths.Start(month), remaining, isOver ? null : standing.ResetsAt - now),
            isOver ? $"{what} That month is over." : $"{what} It resets at {Shared.InstantConverter.Text(standing.ResetsAt)}.");
    }
}
