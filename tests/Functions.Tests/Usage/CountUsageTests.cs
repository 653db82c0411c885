using System.Text.Json.Nodes;

namespace CustomerFunctions.Tests.Usage;

/// <summary>Processes that die while they record and count, and the timer that comes after them.</summary>
public sealed class CountUsageTests : IAsyncLifetime
{
    private App app = null!;

    public async Task InitializeAsync() => app = await App.StartWithoutSchedules("--instances", "2");

    public async Task DisposeAsync() => await app.DisposeAsync();

    [Theory]
    [InlineData("^POST /dbs/customers/colls/customers/docs", 10, "before")]
    [InlineData("^POST /dbs/customers/colls/customers/docs", 29, "after")]
    [InlineData("^POST /dbs/customers/colls/customers/docs", 30, "before")]
    [InlineData("^POST /dbs/customers/colls/customers/docs", 30, "after")]
    [InlineData("^PATCH /dbs/customers/colls/customers/docs/use_", 0, "before")]
    [InlineData("^PATCH /dbs/customers/colls/customers/docs/use_", 12, "after")]
    public async Task Wherever_a_process_dies_each_report_counts_once(string operation, int skip, string when)
    {
        var customer = await Consumption.On(app, "professional");
        var reports = Enumerable.Range(0, 30).Select(i => Consumption.Report($"r{i}", quantity: 2)).ToArray();
        await app.Cloud.Fault(new { service = "cosmos", kind = "kill", operation, skip, count = 1, when, instance = 0, seconds = 300 });

        try { await (await app.AdminAt(0)).Post(customer.Path, new { events = reports }); }
        catch (HttpRequestException) { /* It died with the request. */ }
        await app.Cloud.Advance(TimeSpan.FromMinutes(1));
        await app.Cloud.RunTimer("CountUsage", 1);
        (await (await app.AdminAt(1)).Post(customer.Path, new { events = reports })).ShouldBe(200);
        await app.Cloud.RunTimer("CountUsage", 1);

        Consumption.Used((await (await app.AdminAt(1)).Get(customer.Path)).ShouldBe(200), "fix").Should().Be(60);
        await app.Cloud.ClearFaults();
        await Waiting(customer);
    }

    [Fact]
    public async Task A_report_costs_two_requests_in_a_batch_however_many_came_before()
    {
        var customer = await Consumption.On(app, "basic");
        await app.Cloud.ResetRequests();
        for (var batch = 0; batch < 3; batch++)
        {
            (await customer.Record([.. Enumerable.Range(0, 1000).Select(i => Consumption.Report($"{batch}-{i}", "apiRequest"))])).ShouldBe(200);
        }

        await Eventually.True(async () => await customer.Used("apiRequest") == 3000, TimeSpan.FromSeconds(60), "all are counted");
        ((long)(await app.Cloud.Requests())["cosmos"]!).Should().BeInRange(6_000, 3 * 2_250);
    }

    /// <summary>Nothing waits to be counted any more.</summary>
    private async Task Waiting(Consumption customer) =>
        (await app.Data.All("customers")).Should().NotContain((JsonObject document) => (string?)document["customerId"] == customer.CustomerId && document["uncountedSince"] != null);
}
