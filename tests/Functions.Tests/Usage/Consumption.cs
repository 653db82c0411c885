using System.Text.Json.Nodes;

namespace CustomerFunctions.Tests.Usage;

/// <summary>A customer that uses something.</summary>
internal sealed class Consumption(App app, string customerId)
{
    public string Path => $"/api/customers/{customerId}/usage";

    public string CustomerId => customerId;

    /// <summary>A new customer on a plan; on its trial when none is named.</summary>
    public static async Task<Consumption> On(App app, string? plan = null)
    {
        var id = (string)(await app.CreateCustomer())["id"]!;
        if (plan is not null)
        {
            var document = await app.ReadDocument("customers", id, id);
            (document["plan"], document["trial"]!["status"]) = (plan, "converted");
            document.Remove("trialDueAt");
            await app.Data.Replace("customers", id, document);
        }
        return new Consumption(app, id);
    }

    public static object Report(string id, string meter = "fix", long quantity = 1, DateTimeOffset? time = null) => new { id, source = "tests", meter, quantity, time };

    public Task<Answer> Record(params object[] events) => app.Admin.Post(Path, new { events });

    public async Task<long> Used(string meter = "fix", string? month = null) => Used((await app.Admin.Get(month is null ? Path : $"{Path}?month={month}")).ShouldBe(200), meter);

    public static long Used(Answer usage, string meter) => (long)usage["meters"]!.AsArray().Single(one => (string)one!["meter"]! == meter)!["used"]!;

    public async Task<JsonNode> Quota(string meter = "fix") => (await app.Admin.Get(Path)).ShouldBe(200)["quotas"]!.AsArray().Single(one => (string)one!["meter"]! == meter)!;
}
