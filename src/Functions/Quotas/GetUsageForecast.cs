using CustomerFunctions.Access;
using CustomerFunctions.Plans;
using CustomerFunctions.Usage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Quotas;

/// <param name="Quota">How the quota stands.</param>
/// <param name="DaysSeen">From how many complete days it was worked out.</param>
/// <param name="Projection">What is to be expected; absent when there are too few days to say.</param>
public sealed record QuotaForecast(QuotaStanding Quota, int DaysSeen, Projection? Projection);

/// <param name="Method">How it was worked out, and how far it is to be trusted.</param>
/// <param name="Value">One for each quota of the customer's plan.</param>
/// <param name="AsOf">When it was worked out.</param>
public sealed record ForecastResponse(string Method, IReadOnlyList<QuotaForecast> Value, DateTimeOffset AsOf);

/// <summary>When the customer's quotas will be reached this month.</summary>
internal static class GetUsageForecast
{
    private const string Method =
        "Mean of the last complete days (28 at most, from the customer's first on), each day independent of the others; earliest and latest enclose eight of ten cases. It knows nothing of weekends, seasons and plans.";

    public static async Task<Ok<ForecastResponse>> Handle(string customerId, CustomerInPath customer, UsageStore store, UsageCounter counter, TimeProvider clock, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var month = UsageMonths.Of(now);
        var current = await GetUsage.Read(customer, month, store, counter, now, cancellation);
        var before = (await store.ReadMonth(customer.Id, UsageMonths.Before(month), cancellation))?.Value;
        var days = CompleteDays(customer.Value.CreatedAt, now);
        var forecasts = PlanCatalogue.Of(customer.Value.Plan).Quotas.Select(quota =>
        {
            var standing = current.StandingOf(quota);
            return new QuotaForecast(standing, days.Count, Forecast.Of([.. days.Select(day => UnitsOf(day, quota.Meter))], standing.Used, standing.Limit, now, standing.ResetsAt));
        });
        return TypedResults.Ok(new ForecastResponse(Method, [.. forecasts], now));

        long UnitsOf(DateTimeOffset day, string meter) =>
            (UsageMonths.Of(day) == month ? current : before)?.Days.GetValueOrDefault(UsageMonths.Day(day))?.GetValueOrDefault(meter) ?? 0;
    }

    /// <summary>The last complete days (UTC) that the customer was there for.</summary>
    private static List<DateTimeOffset> CompleteDays(DateTimeOffset since, DateTimeOffset now)
    {
        var today = new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero);
        return [.. Enumerable.Range(1, Forecast.DaysBack).Select(back => today.AddDays(-back)).TakeWhile(day => day >= since)];
    }
}
