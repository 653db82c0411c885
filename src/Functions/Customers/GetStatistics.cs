using CustomerFunctions.Access;
using CustomerFunctions.ApiKeys;
using CustomerFunctions.Members;
using CustomerFunctions.Plans;
using CustomerFunctions.Quotas;
using CustomerFunctions.Usage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Customers;

/// <summary>How much a customer has of what: a total, and how many are in each state or role (those with none are left out).</summary>
public sealed record Tally<T>(int Total, IReadOnlyDictionary<T, int> By)
    where T : notnull
{
    internal static Tally<T> Of(IEnumerable<T> states)
    {
        var counts = states.CountBy(state => state).OrderBy(count => count.Key).ToDictionary();
        return new Tally<T>(counts.Values.Sum(), counts);
    }
}

/// <param name="Members">By role.</param>
/// <param name="ApiKeys">By state.</param>
/// <param name="ServiceAccounts">By state: provisioning, active, suspended and so on.</param>
/// <param name="Usage">How its quotas stand this month.</param>
/// <param name="AsOf">When it was counted.</param>
public sealed record StatisticsResponse(Tally<MemberRole> Members, Tally<ApiKeyState> ApiKeys, Tally<string> ServiceAccounts, IReadOnlyList<QuotaStanding> Usage, DateTimeOffset AsOf);

/// <summary>Counts what a customer has and uses, from its own partition.</summary>
internal static class GetStatistics
{
    public static async Task<Ok<StatisticsResponse>> Handle(string customerId, CustomerInPath customer, Holdings holdings, UsageStore store, UsageCounter counter, TimeProvider clock, CancellationToken cancellation)
    {
        var (now, owned) = (clock.GetUtcNow(), await holdings.All(customerId, cancellation));
        var month = await GetUsage.Read(customer, UsageMonths.Of(now), store, counter, now, cancellation);
        return TypedResults.Ok(new StatisticsResponse(
            Tally<MemberRole>.Of(customer.Value.Members.Select(member => member.Role)),
            Tally<ApiKeyState>.Of(owned.Keys.Select(key => key.StateAt(now))),
            Tally<string>.Of(owned.Accounts.Select(account => account.State)),
            [.. PlanCatalogue.Of(customer.Value.Plan).Quotas.Select(month.StandingOf)],
            now));
    }
}
