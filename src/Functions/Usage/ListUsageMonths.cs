using CustomerFunctions.Access;
using CustomerFunctions.Edge;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Usage;

/// <param name="Month">A calendar month in UTC.</param>
/// <param name="Totals">Units by meter.</param>
/// <param name="CarriedOver">Units that the month before left over, by meter.</param>
/// <param name="Closed">Whether it is over and has left over what it had.</param>
public sealed record UsageMonthResponse(string Month, IReadOnlyDictionary<string, long> Totals, IReadOnlyDictionary<string, long> CarriedOver, bool Closed)
{
    internal static UsageMonthResponse From(UsageMonth month) => new(month.Month, month.Totals, month.CarriedOver, month.CloseDueAt is null);
}

/// <summary>A customer's usage month by month, newest first. There are twelve a year, so it has one page.</summary>
internal static class ListUsageMonths
{
    public static async Task<Ok<PageOf<UsageMonthResponse>>> Handle(string customerId, CustomerInPath customer, UsageStore store, CancellationToken cancellation) =>
        TypedResults.Ok(new PageOf<UsageMonthResponse>([.. (await store.Months(customer.Id, cancellation)).Reverse().Select(UsageMonthResponse.From)], null));
}
