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
    /// <summary>Whether this customer's next request depends on what this one adds.</summary>
    public static bool MustKnow(Customer customer) =>
        (customer.Plan == Customer.TrialPlan && customer.Trial.Status == TrialStatus.Active) || PlanCatalogue.Of(customer.Plan).Quotas.Any(quota => quota.Overage == Overage.Stop);

    public async Task<Problem?> Refuses(Customer customer, IReadOnlyList<UsageEvent> reports, CancellationToken cancellation)
    {
        var plan = PlanCatalogue.Of(customer.Plan);
        foreach (var group in reports.Where(report => plan.QuotaOf(report.Meter)?.Overage == Overage.Stop).GroupBy(report => (report.Month, report.Meter)))
        {
            var month = (await store.ReadMonth(customer.Id, group.Key.Month, cancellation))?.Value ?? await counter.Open(customer, group.Key.Month, clock.GetUtcNow(), cancellation);
            var standing = month.StandingOf(plan.QuotaOf(group.Key.Meter)!);
            if (QuotaRules.Stops(standing, group.Sum(report => report.Quantity)) is null) { continue; }
            // What was recorded before is in the total already: a repetition is no further usage.
            var further = 0L;
            foreach (var report in group) { further += await store.Has(customer.Id, report.Id, cancellation) ? 0 : report.Quantity; }
            if (further > 0 && QuotaRules.Stops(standing, further) is { } reached) { return Failures.QuotaReached(StatusOf(reached, group.Key.Month), InMonth(reached)); }
        }
        return null;
    }

    private RateLimitStatus StatusOf(QuotaStanding standing, string month) => new(
        standing.Meter, (int)Math.Min(int.MaxValue, standing.Limit), UsageMonths.End(month) - UsageMonths.Start(month), (int)Math.Min(int.MaxValue, standing.Remaining), Later(standing.ResetsAt - clock.GetUtcNow()));

    private static string InMonth(QuotaStanding standing) =>
        FormattableString.Invariant($"The quota of the meter '{standing.Meter}' has {standing.Limit} units and {standing.Remaining} are left. It resets at {Shared.InstantConverter.Text(standing.ResetsAt)}.");

    /// <summary>A month that is over resets no more.</summary>
    private static TimeSpan Later(TimeSpan wait) => wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
}
