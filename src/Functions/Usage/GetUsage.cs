using CustomerFunctions.Access;
using CustomerFunctions.Edge;
using CustomerFunctions.Plans;
using CustomerFunctions.Quotas;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Usage;

/// <param name="Meter">What is counted.</param>
/// <param name="Used">How many units were used.</param>
/// <param name="ByDay">The same by day of the month, for days that have any.</param>
public sealed record MeterUsage(string Meter, long Used, IReadOnlyDictionary<string, long> ByDay);

/// <param name="Month">A calendar month in UTC.</param>
/// <param name="StartsAt">Its first instant.</param>
/// <param name="EndsAt">The first instant of the next, when quotas reset.</param>
/// <param name="Meters">What was used, by meter.</param>
/// <param name="Quotas">How the quotas of the customer's plan stand.</param>
/// <param name="AsOf">When it was read.</param>
public sealed record UsageResponse(string Month, DateTimeOffset StartsAt, DateTimeOffset EndsAt, IReadOnlyList<MeterUsage> Meters, IReadOnlyList<QuotaStanding> Quotas, DateTimeOffset AsOf)
{
    internal static UsageResponse From(UsageMonth month, Plan plan, DateTimeOffset now) => new(
        month.Month, UsageMonths.Start(month.Month), UsageMonths.End(month.Month),
        [.. PlanCatalogue.Current.Meters.Select(meter => new MeterUsage(meter.Name, month.Used(meter.Name), month.Days.Where(day => day.Value.ContainsKey(meter.Name)).OrderBy(day => day.Key, StringComparer.Ordinal).ToDictionary(day => day.Key, day => day.Value[meter.Name])))],
        [.. plan.Quotas.Select(month.StandingOf)],
        now);
}

/// <summary>What a customer has used in a month, with all that was recorded before the request.</summary>
internal static class GetUsage
{
    private static readonly string[] Parameters = ["month"];

    public static async Task<Results<Ok<UsageResponse>, Problem>> Handle(
        string customerId, CustomerInPath customer, UsageStore store, UsageCounter counter, TimeProvider clock, HttpRequest request, CancellationToken cancellation, string? month = null)
    {
        var checks = new Checks();
        checks.Parameters(request, Parameters);
        if (month is not null && !UsageMonths.IsMonth(month)) { checks.Add("?month", "malformed", "Expected a month such as 2026-11."); }
        if (checks.Refusal is { } invalid) { return invalid; }

        var now = clock.GetUtcNow();
        return TypedResults.Ok(UsageResponse.From(await Read(customer, month ?? UsageMonths.Of(now), store, counter, now, cancellation), PlanCatalogue.Of(customer.Value.Plan), now));
    }

    /// <summary>A month with everything counted; one without usage as it would begin.</summary>
    public static async Task<UsageMonth> Read(CustomerInPath customer, string month, UsageStore store, UsageCounter counter, DateTimeOffset now, CancellationToken cancellation)
    {
        await counter.Count(customer.Id, month, cancellation);
        return (await store.ReadMonth(customer.Id, month, cancellation))?.Value ?? await counter.Open(customer.Value, month, now, cancellation);
    }
}
