using CustomerFunctions.Tests.Webhooks;
using CustomerFunctions.Usage;

namespace CustomerFunctions.Tests.Usage;

[Collection(nameof(QuietUsage))]
public sealed class RequestUsageTests(QuietApp quiet)
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

    [Fact]
    public async Task A_report_that_the_store_refuses_ends_no_instance_keeps_nobody_else_waiting_and_comes_again()
    {
        var app = quiet.App;
        Consumption[] customers = [await Consumption.On(app, "professional"), await Consumption.On(app, "professional")];
        var keys = new List<Api>();
        foreach (var customer in customers) { keys.Add(await app.CallerOf(0, await app.CreateApiKey(customer.CustomerId))); }
        var processes = (await app.Cloud.Instances()).Select(instance => (int)instance!["pid"]!).ToList();
        await app.Cloud.Fault(new { service = "cosmos", kind = "forbidden", operation = "^POST /dbs/customers/colls/customers/docs$", count = 1, seconds = 300 });
        for (var i = 0; i < 5; i++)
        {
            foreach (var (key, customer) in keys.Zip(customers)) { (await key.Get($"/api/customers/{customer.CustomerId}")).ShouldBe(200); }
        }

        await Eventually.True(async () => (await app.Cloud.Faults()).Count == 0, 6 * RequestUsage.Interval, "a report is refused");

        await Eventually.True(async () => await customers[0].Used("apiRequest") == 5 && await customers[1].Used("apiRequest") == 5, 6 * RequestUsage.Interval, "both are reported");
        (await app.Cloud.Instances()).Select(instance => (int)instance!["pid"]!).Should().Equal(processes, "a refusal of one customer's report is no end for all others");
    }
}
