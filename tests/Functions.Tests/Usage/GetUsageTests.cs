namespace CustomerFunctions.Tests.Usage;

public sealed class GetUsageTests
{
    [Fact]
    public async Task A_unit_counts_in_the_month_and_on_the_day_of_its_time()
    {
        var app = await App.Shared;
        var customer = await Consumption.On(app, "basic");
        var now = await app.Cloud.Now();
        var before = now.AddDays(-now.Day);
        await customer.Record(Consumption.Report("a", quantity: 4, time: now), Consumption.Report("b", quantity: 3, time: before));

        var (current, last) = ((await app.Admin.Get(customer.Path)).ShouldBe(200), (await app.Admin.Get($"{customer.Path}?month={before:yyyy-MM}")).ShouldBe(200));

        (Consumption.Used(current, "fix"), Consumption.Used(last, "fix")).Should().Be((4, 3));
        ((string)current["endsAt"]!).Should().StartWith(now.AddDays(1 - now.Day).AddMonths(1).ToString("yyyy-MM-01T00:00:00.000", System.Globalization.CultureInfo.InvariantCulture));
        current["meters"]![0]!["byDay"]!.AsObject().Single().Key.Should().Be(now.ToString("dd", System.Globalization.CultureInfo.InvariantCulture));
        ((int)current["quotas"]![0]!["remaining"]!).Should().Be(96);
    }

    [Theory]
    [InlineData("2000-01")]
    [InlineData("2999-12")]
    public async Task Any_month_of_the_calendar_can_be_asked_for(string month)
    {
        var app = await App.Shared;
        (await (await Consumption.On(app, "professional")).Used("fix", month)).Should().Be(0);
    }

    [Fact]
    public async Task What_is_no_month_is_refused()
    {
        var app = await App.Shared;
        var customer = await Consumption.On(app);
        foreach (var month in new[] { "2026-13", "2026-1", "0001-01", "1999-12", "3000-01", "9999-12" }) { (await app.Admin.Get($"{customer.Path}?month={month}")).ShouldBeRefused(400, "invalid-request", "?month"); }
        (await app.Admin.Get($"{customer.Path}?moth=2026-11")).ShouldBeRefused(400, "invalid-request", "?moth");
    }
}
