using System.Text.Json.Nodes;
using CustomerFunctions.Shared;
using CustomerFunctions.Tests.Usage;
using CustomerFunctions.Tests.Webhooks;
using CustomerFunctions.Usage;

namespace CustomerFunctions.Tests.Quotas;

[Collection(nameof(QuietUsage))]
public sealed class RollUsageMonthsTests(QuietApp quiet)
{
    private readonly App app = quiet.App;

    [Fact]
    public async Task Months_are_closed_once_and_leave_over_what_the_plan_carries()
    {
        var (carrying, idle, plain) = (await Consumption.On(app, "professional"), await Consumption.On(app, "professional"), await Consumption.On(app, "basic"));
        foreach (var customer in new[] { carrying, idle, plain }) { (await customer.Record(Consumption.Report("a", quantity: 80))).ShouldBe(200); }
        (await carrying.Record(Consumption.Report("b", quantity: 820))).ShouldBe(200);
        foreach (var customer in new[] { carrying, idle, plain }) { await customer.Used(); }
        await app.Cloud.RunTimer("RollUsageMonths");
        (await app.Cloud.RunTimer("RollUsageMonths"))["returnValue"]!.AsObject().Should().BeEmpty("no month is over");

        await ToTheNextMonth();
        (await carrying.Record(Consumption.Report("c"))).ShouldBe(200);
        var over = (await app.Data.All("customers", $"SELECT c.id FROM c WHERE c.closeDueAt <= '{InstantConverter.Text(await app.Cloud.Now())}'")).Count;
        var runs = await Task.WhenAll(app.Cloud.RunTimer("RollUsageMonths", 0), app.Cloud.RunTimer("RollUsageMonths", 1));

        over.Should().BeGreaterThanOrEqualTo(3);
        runs.Sum(run => (int?)run["returnValue"]!["closed"] ?? 0).Should().Be(over);
        runs.Should().OnlyContain(run => (bool)run["succeeded"]!);
        ((int)(await carrying.Quota())["limit"]!).Should().Be(1100);
        ((int)(await carrying.Quota())["used"]!).Should().Be(1);
        ((int)(await idle.Quota())["limit"]!).Should().Be(1500, "no more than half a month is carried over");
        ((int)(await plain.Quota())["limit"]!).Should().Be(100);
        (await app.Cloud.RunTimer("RollUsageMonths"))["returnValue"]!.AsObject().Should().BeEmpty();
    }

    [Fact]
    public async Task What_a_month_carries_over_depends_neither_on_who_opens_the_next_nor_on_when()
    {
        var (unused, rising, late, falling) = (await Consumption.On(app, "professional"), await Consumption.On(app, "free"), await Consumption.On(app, "professional"), await Consumption.On(app, "professional"));
        (await rising.Record(Consumption.Report("a", quantity: 3))).ShouldBe(200);
        (await late.Record(Consumption.Report("a", quantity: 600))).ShouldBe(200);
        (await falling.Record(Consumption.Report("a", quantity: 100))).ShouldBe(200);
        await late.Used();
        await AddUncounted(late, quantity: 300);

        await ToTheNextMonth();
        var since = await Consumption.On(app, "professional");
        foreach (var (customer, plan) in new[] { (rising, "professional"), (falling, "basic") }) { (await app.Admin.Post($"/api/customers/{customer.CustomerId}/subscription/change", new { planId = plan, start = "now" })).ShouldBe(200); }

        ((int)(await unused.Quota())["limit"]!).Should().Be(1500, "a month without any use leaves over like another");
        foreach (var customer in new[] { unused, rising, late, falling, since }) { (await customer.Record(Consumption.Report("first", "apiRequest"))).ShouldBe(200); await customer.Used(); }
        ((int)(await unused.Quota())["limit"]!).Should().Be(1500);
        ((int)(await since.Quota())["limit"]!).Should().Be(1000, "it was not there last month");
        ((int)(await rising.Quota())["limit"]!).Should().Be(1000, "last month's plan carries nothing over");
        ((int)(await late.Quota())["limit"]!).Should().Be(1100, "what had not been counted yet was used all the same");
        ((int)(await falling.Quota())["limit"]!).Should().Be(100, "this month's plan takes nothing over");
    }

    [Fact]
    public async Task To_open_a_month_costs_three_requests_more_where_something_may_be_carried_over() =>
        (await CostOfFirstReport("professional") - await CostOfFirstReport("basic")).Should().Be(3);

    /// <summary>The least of some: now and then the app has something else to ask.</summary>
    private async Task<long> CostOfFirstReport(string plan)
    {
        var least = long.MaxValue;
        for (var i = 0; i < 4; i++)
        {
            var (customer, admin) = (await Consumption.On(app, plan), await app.AdminAt(0));
            await app.Cloud.ResetRequests();
            (await admin.Post(customer.Path, new { events = new[] { Consumption.Report("first") } })).ShouldBe(200);
            await Eventually.True(async () => (long?)(await app.Cloud.RequestsByOperation())["cosmos"]!["PATCH /dbs/customers/colls/customers/docs/*"] >= 1, TimeSpan.FromSeconds(60), "it is counted");
            least = Math.Min(least, (long)(await app.Cloud.Requests())["cosmos"]!);
        }
        return least;
    }

    private async Task ToTheNextMonth() => await app.Cloud.Advance(UsageMonths.End(UsageMonths.Of(await app.Cloud.Now())) - await app.Cloud.Now() + TimeSpan.FromHours(1));

    /// <summary>A report whose request died before it was counted.</summary>
    private async Task AddUncounted(Consumption customer, long quantity)
    {
        var now = InstantConverter.Text(await app.Cloud.Now());
        var report = new JsonObject
        {
            ["id"] = UsageEvent.IdOf(customer.CustomerId, "tests", "uncounted"), ["type"] = UsageEvent.DocumentType, ["schemaVersion"] = 1, ["customerId"] = customer.CustomerId, ["month"] = now[..7], ["meter"] = "fix",
            ["quantity"] = quantity, ["time"] = now, ["source"] = "tests", ["eventId"] = "uncounted", ["recordedAt"] = now, ["recordedBy"] = "tests", ["uncountedSince"] = now,
        };
        await app.Data.Add("customers", customer.CustomerId, report);
    }
}
