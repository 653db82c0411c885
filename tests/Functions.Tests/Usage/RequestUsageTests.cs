using CustomerFunctions.Usage;

namespace CustomerFunctions.Tests.Usage;

public sealed class RequestUsageTests
{
    [Fact]
    public async Task Requests_of_keys_and_people_are_counted_within_seconds_and_staffs_are_not()
    {
        var app = await App.Shared;
        var (owner, path) = await Person.Owning(app);
        var customer = new Consumption(app, path.Split('/')[^1]);
        var key = app.Caller(await app.CreateApiKey(customer.CustomerId));

        for (var i = 0; i < 7; i++) { (await key.Get(path)).ShouldBe(200); }
        for (var i = 0; i < 4; i++) { (await owner.Api.Get(path)).ShouldBe(200); }
        (await key.Get("/api/plans")).ShouldBe(200);

        await Eventually.True(async () => await customer.Used("apiRequest") >= 12, 6 * RequestUsage.Interval, "twelve requests are counted");
        (await customer.Used("apiRequest")).Should().Be(12);
    }
}
