using System.Diagnostics;
using System.Globalization;

namespace Bench.Scenarios;

/// <summary>Usage reports a second, one in each request: all of one customer, and each of another one.</summary>
internal static class Usage
{
    public static async Task Run(Options options)
    {
        var (reports, customers, connections) = (options.Get("reports", 20_000), options.Get("customers", 10_000), options.Get("connections", 16));
        await using var cloud = await LocalCloud.Start(await Published.Product());
        using var cosmos = await Cosmos.Open(cloud);
        await (await CustomerCopies.Start(cloud, cosmos)).Write(customers, due: 1);

        Console.WriteLine("\n| reports of | reports/s | Cosmos DB requests per report |\n| --- | --- | --- |");
        await Record(cloud, "one customer", reports, connections, _ => 1);
        await Record(cloud, string.Create(CultureInfo.InvariantCulture, $"{customers:N0} customers"), reports, connections, report => report % customers);
    }

    private static async Task Record(LocalCloud cloud, string whose, int reports, int connections, Func<int, int> customerOf)
    {
        await cloud.TakeRequests();
        var begun = Stopwatch.GetTimestamp();
        await Parallel.ForAsync(0, reports, new ParallelOptions { MaxDegreeOfParallelism = connections }, async (report, _) =>
            await cloud.Post($"/api/customers/{CustomerCopies.IdOf(customerOf(report))}/usage", new { events = new[] { new { id = $"{whose} {report}", source = "bench", meter = "apiRequest", quantity = 1 } } }));
        var elapsed = Stopwatch.GetElapsedTime(begun);
        var requests = (await cloud.TakeRequests())["cosmos"];
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {whose} | {reports / elapsed.TotalSeconds:0} | {requests / (double)reports:0.00} |"));
    }
}
