using CustomerFunctions.Tests.Usage;
using CustomerFunctions.Usage;

namespace CustomerFunctions.Tests.Quotas;

public sealed class RollUsageMonthsTests
{
    [Fact]
    public async Task Months_are_closed_once_and_leave_over_what_the_plan_carries()
    {
        await using var app = await App.StartWithoutSchedules("--instances", "2");
        var (carrying, idle, plain) = (await Consumption.On(app, "professional"), await Consumption.On(app, "professional"), await Consumption.On(app, "basic"));
        foreach (var customer in new[] { carrying, idle, plain }) { (await customer.Record(Consumption.Report("a", quantity: 80))).ShouldBe(200); }
        (await carrying.Record(Consumption.Report("b", quantity: 820))).ShouldBe(200);
        foreach (var customer in new[] { carrying, idle, plain }) { await customer.Used(); }
        (await app.Cloud.RunTimer("RollUsageMonths"))["returnValue"]!.AsObject().Should().BeEmpty("no month is over");

        await app.Cloud.Advance(UsageMonths.End(UsageMonths.Of(await app.Cloud.Now())) - await app.Cloud.Now() + TimeSpan.FromHours(1));
        (await carrying.Record(Consumption.Report("c"))).ShouldBe(200);
        var runs = await Task.WhenAll(app.Cloud.RunTimer("RollUsageMonths", 0), app.Cloud.RunTimer("RollUsageMonths", 1));

        runs.Sum(run => (int?)run["returnValue"]!["closed"] ?? 0).Should().Be(3);
        runs.Should().OnlyContain(run => (bool)run["succeeded"]!);
        ((int)(await carrying.Quota())["limit"]!).Should().Be(1100);
        ((int)(await carrying.Quota())["used"]!).Should().Be(1);
        ((int)(await idle.Quota())["limit"]!).Should().Be(1500, "no more than half a month is carried over");
        ((int)(await plain.Quota())["limit"]!).Should().Be(100);
        (await app.Cloud.RunTimer("RollUsageMonths"))["returnValue"]!.AsObject().Should().BeEmpty();
    }
}
