using CustomerFunctions.Tests.Usage;
using CustomerFunctions.Tests.Webhooks;

namespace CustomerFunctions.Tests.Quotas;

[Collection(nameof(QuietUsage))]
public sealed class QuotaGateTests(QuietApp quiet)
{
    [Fact]
    public async Task A_thousand_reports_near_the_limit_are_refused_as_soon_as_it_is_clear()
    {
        var app = quiet.App;
        var customer = await Consumption.On(app, "free");
        (await customer.Record(Consumption.Report("first", quantity: 4))).ShouldBe(200);
        await app.Cloud.ResetRequests();

        (await customer.Record([.. Enumerable.Range(0, 1_000).Select(i => Consumption.Report($"further {i}"))])).ShouldBeRefused(429, "quota-reached");

        ((long)(await app.Cloud.Requests())["cosmos"]!).Should().BeLessThan(60, "two of them are too many already");
    }
}
