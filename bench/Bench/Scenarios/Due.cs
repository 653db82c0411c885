using System.Diagnostics;
using System.Globalization;

namespace Bench.Scenarios;

/// <summary>What a run of the rotation timer costs when the same number of service accounts is due among few and among many, each in a LocalAzure of its own, by turns.</summary>
internal static class Due
{
    private const int PerCustomer = 20;
    private const string Timer = "RotateServiceAccountKeys";
    private static readonly TimeSpan PastEveryInterval = TimeSpan.FromDays(91);
    private static readonly TimeSpan PastEveryOverlap = TimeSpan.FromDays(2);

    public static async Task Run(Options options)
    {
        var (small, large, due, rounds) = (options.Get("small", 10_000), options.Get("large", 1_000_000), options.Get("due", 100), options.Get("rounds", 15));
        var product = await Published.Product();
        await using var few = await Fill(product, small, due);
        await using var many = await Fill(product, large, due);
        var (fewCost, manyCost) = (new Cost(), new Cost());
        for (var round = -1; round < rounds; round++)
        {
            // By turns: whatever else the machine does meets both alike. The first round warms up.
            await Rotate(few, due, round < 0 ? new Cost() : fewCost);
            await Rotate(many, due, round < 0 ? new Cost() : manyCost);
        }
        Console.WriteLine($"\n| {due} due among | ms of a run that rotates them | ms of one that retires | Cosmos DB requests per account, both |\n| --- | --- | --- | --- |");
        foreach (var (accounts, cost) in (IEnumerable<(int, Cost)>)[(small, fewCost), (large, manyCost)])
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {accounts:N0} | {cost.Rotating} | {cost.Retiring} | {cost.Requests.Median:0.00} |"));
        }
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\nRatio {manyCost.Rotating.Median / fewCost.Rotating.Median:0.00} rotating, {manyCost.Retiring.Median / fewCost.Retiring.Median:0.00} retiring"));
    }

    /// <summary>Those that will be due are made by the product; the others are copies of one of them that nothing is due for.</summary>
    private static async Task<LocalCloud> Fill(string product, int accounts, int due)
    {
        var cloud = await LocalCloud.Start(product);
        using var cosmos = await Cosmos.Open(cloud);
        var (customer, account) = ("", "");
        for (var n = 0; n < due; n++)
        {
            if (n % PerCustomer == 0) { (customer, _) = await cloud.CreateCustomer($"Rotating {n}"); }
            account = (string)(await cloud.Post($"/api/customers/{customer}/service-accounts", new { name = $"account-{n}", kind = "apiCredential" }))["id"]!;
        }
        var begun = Stopwatch.GetTimestamp();
        await AccountCopies.Write(cosmos, customer, account, accounts - due);
        var elapsed = Stopwatch.GetElapsedTime(begun);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{accounts:N0} accounts: {(accounts - due) / elapsed.TotalSeconds:0} written per second; LocalAzure holds {cloud.WorkingSet / (1024.0 * 1024 * 1024):0.0} GB"));
        return cloud;
    }

    private static async Task Rotate(LocalCloud cloud, int due, Cost cost)
    {
        await cloud.Advance(PastEveryInterval);
        await cloud.TakeRequests();
        cost.Rotating.Add(await Time(cloud, "rotated", due));
        await cloud.Advance(PastEveryOverlap);
        cost.Retiring.Add(await Time(cloud, "retired", due));
        cost.Requests.Add((await cloud.TakeRequests())["cosmos"] / (double)due);
    }

    private static async Task<double> Time(LocalCloud cloud, string outcome, int due)
    {
        var begun = Stopwatch.GetTimestamp();
        var run = await cloud.RunTimer(Timer);
        var elapsed = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
        return (int?)run["returnValue"]?[outcome] == due ? elapsed : throw new InvalidOperationException($"{due} were to be {outcome}: {run.ToJsonString()}");
    }

    private sealed class Cost
    {
        public Sample Rotating { get; } = new();

        public Sample Retiring { get; } = new();

        public Sample Requests { get; } = new();
    }
}
