using CustomerFunctions.Access;
using CustomerFunctions.Customers;
using CustomerFunctions.Plans;
using CustomerFunctions.Usage;

namespace CustomerFunctions.Trials;

/// <summary>
/// Brings what was counted into the customer's trial. The units follow from the months' totals, so it does no harm to do it twice; the customer's ETag lets one of several end the trial.
/// </summary>
internal sealed class TrialUnits(CustomerStore customers, UsageStore usage, TimeProvider clock)
{
    public async Task Update(UsageMonth counted, CancellationToken cancellation)
    {
        var meter = PlanCatalogue.Trial.Meter;
        if (counted.Used(meter) == 0) { return; }
        while (await customers.Read(counted.CustomerId, cancellation) is { Value: { Plan: Customer.TrialPlan, Trial.Status: TrialStatus.Active } customer } stored)
        {
            var now = clock.GetUtcNow();
            var used = counted.Used(meter);
            // A trial of two weeks lies in two months at the most, an extended one in some more.
            for (var month = UsageMonths.Of(customer.Trial.StartedAt); string.CompareOrdinal(month, UsageMonths.Of(now)) <= 0; month = UsageMonths.After(month))
            {
                if (month != counted.Month) { used += (await usage.ReadMonth(customer.Id, month, cancellation))?.Value.Used(meter) ?? 0; }
            }
            var after = customer.UseTrialUnits(used, now);
            if (ReferenceEquals(after, customer)) { return; }
            if (after.Trial.Status == TrialStatus.Expired) { after = after.Recorded("trial.ended", customer, Caller.Timer("usage"), clock); }
            if (await customers.TryReplace(stored, after, cancellation) is not null) { return; }
        }
    }
}
