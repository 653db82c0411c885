using System.Diagnostics;
using System.Globalization;

namespace Bench.Scenarios;

/// <summary>What ending the same number of trials costs among few customers and among many, each in a LocalAzure of its own.</summary>
internal static class Trials
{
    public static async Task Run(Options options)
    {
        var product = await Published.Product();
        var (small, large, due) = (options.Get("small", 10_000), options.Get("large", 1_000_000), options.Get("due", 1_000));
        // The first of all is slower, whatever its size: the machine reads the programs from disk.
        await Expire(product, due, due);
        var (few, many) = (await Expire(product, small, due), await Expire(product, large, due));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"\n| {due:N0} trials ended among | s | Cosmos DB requests per trial |\n| --- | --- | --- |\n| {small:N0} | {few.Seconds:0.0} | {few.Requests:0.00} |\n| {large:N0} | {many.Seconds:0.0} | {many.Requests:0.00} |\n\nRatio {many.Seconds / few.Seconds:0.00}"));
    }

    private static async Task<(double Seconds, double Requests)> Expire(string product, int customers, int due)
    {
        await using var cloud = await LocalCloud.Start(product);
        using var cosmos = await Cosmos.Open(cloud);
        await (await CustomerCopies.Start(cloud, cosmos)).Write(customers, due);
        await cloud.TakeRequests();
        var begun = Stopwatch.GetTimestamp();
        var outcome = await cloud.RunTimer("ExpireTrials");
        var elapsed = Stopwatch.GetElapsedTime(begun);
        Console.WriteLine($"{customers} customers: {outcome["logs"]![0]}");
        return (elapsed.TotalSeconds, (await cloud.TakeRequests())["cosmos"] / (double)due);
    }
}
