using CustomerFunctions.Tests.Usage;

namespace CustomerFunctions.Tests.Quotas;

public sealed class GetUsageForecastTests
{
    [Fact]
    public async Task It_says_when_each_quota_is_reached_and_how_it_knows()
    {
        await using var app = await App.StartWithoutSchedules();
        var customer = await Consumption.On(app, "basic");
        (await app.Admin.Get($"{customer.Path}/forecast")).ShouldBe(200)["value"]![0]!["projection"].Should().BeNull("the customer is new");
        for (var day = 0; day < 5; day++)
        {
            (await customer.Record(Consumption.Report($"{day}", quantity: 15))).ShouldBe(200);
            await app.Cloud.Advance(TimeSpan.FromDays(1));
        }

        var forecast = (await app.Admin.Get($"{customer.Path}/forecast")).ShouldBe(200);

        ((string)forecast["method"]!).Should().Contain("28");
        var fixes = forecast["value"]![0]!;
        ((string)fixes["quota"]!["meter"]!).Should().Be("fix");
        ((int)fixes["daysSeen"]!).Should().Be(4, "the day it came was not complete");
        ((double)fixes["projection"]!["perDay"]!).Should().Be(15);
    }
}
