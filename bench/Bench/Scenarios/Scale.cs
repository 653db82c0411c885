using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Azure.Cosmos;

namespace Bench.Scenarios;

/// <summary>
/// What reads and lists cost among few and among many customers, each in a LocalAzure of its own. Time is the product's answer over HTTP; request charge and requests are Cosmos DB's for the same
/// query (its text is <c>CustomerStore</c>'s), as LocalAzure states them.
/// </summary>
internal static class Scale
{
    private const int PagesDeep = 100;
    private const int WarmUp = 20;
    private const string Order = "c.createdAt ASC, c.id ASC";

    private sealed record Operation(string Name, Func<Task<double>> AskCosmos, Func<Task>? AskProduct);

    public static async Task Run(Options options)
    {
        var product = await Published.Product();
        await using var fewCloud = await LocalCloud.Start(product);
        await using var manyCloud = await LocalCloud.Start(product);
        using var fewCosmos = await Cosmos.Open(fewCloud);
        using var manyCosmos = await Cosmos.Open(manyCloud);
        var (small, large, samples) = (options.Get("small", 10_000), options.Get("large", 1_000_000), options.Get("samples", 200));
        await Fill(fewCloud, fewCosmos, small);
        await Fill(manyCloud, manyCosmos, large);

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\n| | ms at {small:N0} | ms at {large:N0} | ratio | RU at {small:N0} | at {large:N0} | requests at {small:N0} | at {large:N0} |\n| --- | --- | --- | --- | --- | --- | --- | --- |"));
        foreach (var (few, many) in (await Operations(fewCloud, fewCosmos, small)).Zip(await Operations(manyCloud, manyCosmos, large)))
        {
            var (fewCost, manyCost) = (await Charge(fewCloud, few), await Charge(manyCloud, many));
            var (fewTime, manyTime) = (new Sample(), new Sample());
            // By turns: whatever else the machine does meets both alike.
            for (var i = -WarmUp; i < samples; i++)
            {
                await Time(i < 0 ? null : fewTime, few);
                await Time(i < 0 ? null : manyTime, many);
            }
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {few.Name} | {fewTime.Median:0.00} | {manyTime.Median:0.00} | {manyTime.Median / fewTime.Median:0.00} | {fewCost.Charge:0.0} | {manyCost.Charge:0.0} | {fewCost.Requests:0.0} | {manyCost.Requests:0.0} |"));
        }
    }

    private static async Task<List<Operation>> Operations(LocalCloud cloud, Cosmos cosmos, int size)
    {
        var random = new Random(1);
        var word = CustomerCopies.WordOf(size / 2);
        var all = new QueryDefinition($"SELECT * FROM c WHERE c.type = @type ORDER BY c.type ASC, {Order}").WithParameter("@type", "customer");
        var active = new QueryDefinition($"SELECT * FROM c WHERE c.type = @type AND c.status = @status AND c.plan = @plan ORDER BY c.type ASC, c.status ASC, {Order}")
            .WithParameter("@type", "customer").WithParameter("@status", "active").WithParameter("@plan", "trial");
        var found = new QueryDefinition($"SELECT * FROM c WHERE c.type = @type AND ARRAY_CONTAINS(c.search, @term0) ORDER BY c.type ASC, {Order}").WithParameter("@type", "customer").WithParameter("@term0", word);
        var due = new QueryDefinition("SELECT * FROM c WHERE c.trialDueAt <= @now ORDER BY c.trialDueAt").WithParameter("@now", "2025-01-01T00:00:00.000Z");
        var (deepLink, deepToken) = (await LinkTo(cloud, PagesDeep), await TokenTo(cosmos, all, PagesDeep));

        string Someone() => CustomerCopies.IdOf(random.Next(size));
        return
        [
            new("one customer", () => Charge(cosmos.Customers, Someone()), () => Get(cloud, $"/api/customers/{Someone()}")),
            new("list, first page of 50", () => Charge(cosmos, all, 50), () => Get(cloud, "/api/customers")),
            new("list, active ones on a plan, first page of 50", () => Charge(cosmos, active, 50), () => Get(cloud, "/api/customers?status=active&plan=trial")),
            new($"list, page {PagesDeep + 1} of 50", () => Charge(cosmos, all, 50, deepToken), () => Get(cloud, deepLink)),
            new("list, found by a word", () => Charge(cosmos, found, 50), () => Get(cloud, $"/api/customers?q={word}")),
            new("trials that are due, 100 of them", () => Charge(cosmos, due, 100), null),
        ];
    }

    private static async Task Fill(LocalCloud cloud, Cosmos cosmos, int size)
    {
        var begun = Stopwatch.GetTimestamp();
        await (await CustomerCopies.Start(cloud, cosmos)).Write(size);
        var elapsed = Stopwatch.GetElapsedTime(begun);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{size:N0} customers: {size / elapsed.TotalSeconds:0} customers with their claims written per second; LocalAzure holds {cloud.WorkingSet / (1024.0 * 1024 * 1024):0.0} GB"));
    }

    private static async Task Time(Sample? sample, Operation operation)
    {
        var begun = Stopwatch.GetTimestamp();
        await (operation.AskProduct ?? operation.AskCosmos)();
        sample?.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
    }

    private static async Task<(double Charge, double Requests)> Charge(LocalCloud cloud, Operation operation)
    {
        const int Times = 10;
        var charge = await operation.AskCosmos();
        await cloud.TakeRequests();
        for (var i = 0; i < Times; i++) { charge = await operation.AskCosmos(); }
        return (charge, (await cloud.TakeRequests())["cosmos"] / (double)Times);
    }

    private static async Task Get(LocalCloud cloud, string path)
    {
        using var response = await cloud.Api.GetAsync(path);
        response.EnsureSuccessStatusCode();
    }

    private static async Task<double> Charge(Container container, string id)
    {
        using var response = await container.ReadItemStreamAsync(id, new PartitionKey(id));
        response.EnsureSuccessStatusCode();
        return response.Headers.RequestCharge;
    }

    private static async Task<double> Charge(Cosmos cosmos, QueryDefinition query, int size, string? continuation = null)
    {
        using var pages = cosmos.Customers.GetItemQueryStreamIterator(query, continuation, new QueryRequestOptions { MaxItemCount = size });
        using var page = await pages.ReadNextAsync();
        page.EnsureSuccessStatusCode();
        return page.Headers.RequestCharge;
    }

    private static async Task<string> LinkTo(LocalCloud cloud, int pages)
    {
        var link = "/api/customers";
        for (var page = 0; page < pages; page++) { link = (string)JsonNode.Parse(await cloud.Api.GetStringAsync(link))!["nextLink"]!; }
        return link;
    }

    private static async Task<string?> TokenTo(Cosmos cosmos, QueryDefinition query, int pages)
    {
        string? token = null;
        using var iterator = cosmos.Customers.GetItemQueryStreamIterator(query, null, new QueryRequestOptions { MaxItemCount = 50 });
        for (var page = 0; page < pages; page++)
        {
            using var response = await iterator.ReadNextAsync();
            token = response.EnsureSuccessStatusCode().ContinuationToken;
        }
        return token;
    }
}
