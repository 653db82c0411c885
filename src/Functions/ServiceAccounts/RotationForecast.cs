using CustomerFunctions.Customers;

namespace CustomerFunctions.ServiceAccounts;

/// <summary>
/// What the calendars say of a page of accounts, by the rules that the timer goes by: the quiet hours of each one's customer, nothing for a customer who is not active, and the account that one is paired with, on
/// whichever page that stands.
/// </summary>
internal sealed class RotationForecast(ServiceAccountStore store, QuietHours quiet, TimeProvider clock)
{
    /// <param name="accounts">The accounts of the page.</param>
    /// <param name="customers">Whose they are.</param>
    /// <param name="begins">The beginning of the span.</param>
    /// <param name="ends">Its end; null for each account's next rotation or retirement alone, whenever it comes.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public async Task<IReadOnlyList<CalendarEntry>> Of(IReadOnlyList<ServiceAccount> accounts, IEnumerable<Customer> customers, DateTimeOffset begins, DateTimeOffset? ends, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var hours = customers.Where(customer => customer.Status == CustomerStatus.Active).ToDictionary(customer => customer.Id, quiet.Of);
        var here = accounts.ToDictionary(account => account.Id);
        var entries = new List<CalendarEntry>();
        foreach (var account in accounts.Where(account => hours.ContainsKey(account.CustomerId)))
        {
            List<PlannedRotation> planned = [.. ends is { } end ? Planned(account, end) : Planned(account, DateTimeOffset.MaxValue).Take(1)];
            List<PlannedRotation> others = planned.Count > 0 && await Partner(account) is { } partner ? [.. Planned(partner, planned[^1].EndsAt)] : [];
            entries.AddRange(planned.Select(one => CalendarEntry.From(one, RotationPlan.Collides(one, others))));
        }
        return entries;

        IEnumerable<PlannedRotation> Planned(ServiceAccount account, DateTimeOffset to) => RotationPlan.Of(account, hours[account.CustomerId], now, begins, to);

        async Task<ServiceAccount?> Partner(ServiceAccount account) =>
            account.Policy.PairWith is not { } id ? null : here.GetValueOrDefault(id) ?? (await store.Read(account.CustomerId, id, cancellation))?.Value;
    }
}
