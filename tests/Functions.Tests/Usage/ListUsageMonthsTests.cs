namespace CustomerFunctions.Tests.Usage;

public sealed class ListUsageMonthsTests
{
    [Fact]
    public async Task Months_are_listed_newest_first()
    {
        var app = await App.Shared;
        var customer = await Consumption.On(app, "basic");
        var now = await app.Cloud.Now();
        var before = now.AddDays(-now.Day);
        await customer.Record(Consumption.Report("a", time: before), Consumption.Report("b", quantity: 2, time: now));

        var months = (await app.Admin.Get($"{customer.Path}/months")).ShouldBe(200)["value"]!.AsArray();

        months.Select(month => (string)month!["month"]!).Should().Equal($"{now:yyyy-MM}", $"{before:yyyy-MM}");
        months.Select(month => (long)month!["totals"]!["fix"]!).Should().Equal(2, 1);
    }
}
