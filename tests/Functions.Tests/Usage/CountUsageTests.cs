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
    public async Task What_a_report_costs_is_what_the_documents_say()
    {
        var customer = await Consumption.On(app, "basic");
        (await customer.Record(Consumption.Report("opens the month", "apiRequest"))).ShouldBe(200);
        var alone = new List<long>();
        for (var i = 0; i < 3; i++) { alone.Add(await Cost(customer, instance: 0, reports: 1)); }
        var (first, second, elsewhere) = (await Cost(customer, instance: 0, reports: 1000), await Cost(customer, instance: 0, reports: 1000), await Cost(customer, instance: 1, reports: 1000, markedAgain: 200));

        alone.Min().Should().Be(8);
        first.Should().BeInRange(2_026, 2_036);
        second.Should().BeInRange(2_026, 2_036, "it does not matter how many came before");
        elsewhere.Should().BeInRange(2_226, 2_236, "another instance does not know what is marked already");
        (await customer.Used("apiRequest")).Should().Be(3_004);
    }

    /// <summary>Requests to Cosmos DB from the report to the last mark that it is counted. Now and then the app has something else to ask.</summary>
    private async Task<long> Cost(Consumption customer, int instance, int reports, int markedAgain = 0)
    {
        await app.Cloud.ResetRequests();
        (await (await app.AdminAt(instance)).Post(customer.Path, new { events = Enumerable.Range(0, reports).Select(report => Consumption.Report($"{Guid.NewGuid()}", "apiRequest")) })).ShouldBe(200);
        await Eventually.True(async () => (long?)(await app.Cloud.RequestsByOperation())["cosmos"]!["PATCH /dbs/customers/colls/customers/docs/*"] >= reports + markedAgain, TimeSpan.FromSeconds(60), "all are marked");
        return (long)(await app.Cloud.Requests())["cosmos"]!;
    }

    /// <summary>Nothing waits to be counted any more.</summary>
    private async Task Waiting(Consumption customer) =>
        (await app.Data.All("customers")).Should().NotContain((JsonObject document) => (string?)document["customerId"] == customer.CustomerId && document["uncountedSince"] != null);
}
