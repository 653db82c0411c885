using System.Globalization;
using CustomerFunctions.Access;
using CustomerFunctions.Audit;
using CustomerFunctions.Customers;
using CustomerFunctions.Plans;
using CustomerFunctions.Shared;
using CustomerFunctions.Usage;

namespace CustomerFunctions.Quotas;

internal static class QuotaEvents
{
    private static readonly Caller Actor = Caller.Timer("quotas");

    /// <summary>
    /// The month with an event for each threshold that was reached. The event rides in the very write that counts the units, and the month remembers it: neither can be lost or repeated alone.
    /// </summary>
    public static UsageMonth WithNotices(this UsageMonth month, Customer customer, TimeProvider clock)
    {
        foreach (var (standing, percent) in month.Untold(PlanCatalogue.Of(customer.Plan)))
        {
            Dictionary<string, string> metadata = new()
            {
                ["meter"] = standing.Meter,
                ["month"] = month.Month,
                ["percent"] = percent.ToString(CultureInfo.InvariantCulture),
                ["used"] = standing.Used.ToString(CultureInfo.InvariantCulture),
                ["limit"] = standing.Limit.ToString(CultureInfo.InvariantCulture),
                ["resetsAt"] = InstantConverter.Text(standing.ResetsAt),
            };
            month = month.Told(standing.Meter, percent).Record(Actor.Event(percent < 100 ? "quota.warning" : "quota.reached", customer.Id, customer.AsTarget(), clock, metadata: metadata));
        }
        return month;
    }
}
