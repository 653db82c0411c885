using System.Diagnostics;
using System.Globalization;
using CustomerFunctions.Tests.Stripe;
using Xunit.Abstractions;

namespace CustomerFunctions.Tests.Year;

/// <summary>
/// A year, with its leap day, in the life of generated customers: they sign up, try, subscribe at Stripe or on account, fail to pay, recover or do not, take larger and smaller plans, cancel, come back, and use what they have.
/// YEAR_SEED makes other ones, YEAR_CUSTOMERS more of them.
/// </summary>
public sealed class YearTests(ITestOutputHelper output)
{
    private const int Days = 365;
    private const int AtOnce = 8;
    private static readonly string[] Timers = ["ExpireTrials", "SettleSubscriptions", "RollUsageMonths"];

    [Fact]
    public async Task The_books_of_two_hundred_customers_balance_at_the_end_of_every_day_of_a_year()
    {
        var (seed, count, watch) = (Setting("YEAR_SEED", 1), Setting("YEAR_CUSTOMERS", 200), Stopwatch.StartNew());
        await using var app = await App.StartWithoutSchedules();
        await StripeWorld.Start(app, "");
        var first = await BeginWith(app, new DateOnly(2027, 9, 1));
        var dice = new Random(seed);
        LivingCustomer[] customers = [.. Enumerable.Range(0, count).Select(number => new LivingCustomer(app, (seed * 10_000) + number, first.AddDays(dice.Next(200))))];
        var books = new Books(app, customers);

        for (var today = first; today < first.AddDays(Days); today = today.AddDays(1))
        {
            var since = await app.Cloud.Now();
            foreach (var timer in Timers) { ((bool)(await app.Cloud.RunTimer(timer))["succeeded"]!).Should().BeTrue("{0} on {1}, seed {2}", timer, today, seed); }
            foreach (var customer in customers.Where(customer => customer.IsThere)) { customer.Life.Begin(today); }
            var now = await app.Cloud.Now();
            await Parallel.ForEachAsync(customers, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (customer, _) => await customer.Live(today, now));
            await books.ShouldBalance(today, since);
            await app.Cloud.Advance(TimeSpan.FromDays(1));
        }
        await books.ShouldBalanceAtLast();

        var told = customers.SelectMany(customer => customer.Life.EverTold).CountBy(notice => notice).OrderBy(notice => notice.Key, StringComparer.Ordinal).Select(notice => $"{notice.Key} {notice.Value}");
        output.WriteLine($"Seed {seed}, {count} customers, {Days} days, {watch.Elapsed.TotalSeconds:F0} s\n{Tally.Of([.. customers.Select(customer => customer.Tally)])}\n{string.Join(", ", told)}");
    }

    /// <summary>Six in the morning of a day: far enough from midnight for the minutes that the year takes.</summary>
    private static async Task<DateOnly> BeginWith(App app, DateOnly day)
    {
        var (now, start) = (await app.Cloud.Now(), new DateTimeOffset(day, new TimeOnly(6, 0), TimeSpan.Zero));
        await app.Cloud.Advance(start - now);
        return day;
    }

    private static int Setting(string name, int fallback) => int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : fallback;
}
