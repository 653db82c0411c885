using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Bench.Scenarios;

/// <summary>
/// Runs of the rotation timer over service accounts that are all due, on one instance and on several at once, and what they ask of each service. docs/rotation.md says what a rotation needs at least.
/// </summary>
internal static class Rotate
{
    private const int PerCustomer = 20;
    private const int CreatedAtOnce = 8;
    private const string Timer = "RotateServiceAccountKeys";
    private const string Group = "/subscriptions/44444444-4444-4444-4444-444444444444/resourceGroups/bench";
    private static readonly TimeSpan PastEveryInterval = TimeSpan.FromDays(91);
    private static readonly TimeSpan PastEveryOverlap = TimeSpan.FromDays(2);

    public static async Task Run(Options options)
    {
        var product = await Published.Product();
        var instances = options.Get("instances", 4);
        Console.WriteLine("\n| accounts | what the timer does | on instances | accounts/s | s | requests per account | outcome |\n| --- | --- | --- | --- | --- | --- | --- |");
        foreach (var (kind, accounts) in (IEnumerable<(string, int)>)[("apiCredential", options.Get("api", 1_000)), ("storageAccountKeys", options.Get("accounts", 10_000))])
        {
            await using var cloud = await LocalCloud.Start(product, instances);
            await Fill(cloud, kind, accounts);
            foreach (var running in (int[])[1, instances])
            {
                await cloud.Advance(PastEveryInterval);
                await Pass(cloud, kind, "rotates", running, accounts);
                await cloud.Advance(PastEveryOverlap);
                await Pass(cloud, kind, "retires", running, accounts);
            }
        }
    }

    private static async Task Fill(LocalCloud cloud, string kind, int accounts)
    {
        await cloud.Arm(Group, "2021-04-01", new { location = "westeurope" });
        var atOnce = new ParallelOptions { MaxDegreeOfParallelism = CreatedAtOnce };
        await Parallel.ForAsync(0, (accounts + PerCustomer - 1) / PerCustomer, atOnce, async (i, _) =>
        {
            var (customer, _) = await cloud.CreateCustomer($"Rotating {i}");
            for (var n = i * PerCustomer; n < Math.Min((i + 1) * PerCustomer, accounts); n++)
            {
                var resourceId = kind == "apiCredential" ? null : $"{Group}/providers/Microsoft.Storage/storageAccounts/bench{n}";
                if (resourceId is not null) { await cloud.Arm(resourceId, "2023-05-01", new { location = "westeurope", kind = "StorageV2", sku = new { name = "Standard_LRS" } }); }
                await cloud.Post($"/api/customers/{customer}/service-accounts", new { name = $"account-{n}", kind, resourceId });
            }
        });
    }

    private static async Task Pass(LocalCloud cloud, string kind, string what, int instances, int accounts)
    {
        await cloud.TakeRequests();
        var begun = Stopwatch.GetTimestamp();
        var outcomes = await Task.WhenAll(Enumerable.Range(0, instances).Select(instance => cloud.RunTimer(Timer, instance)));
        var elapsed = Stopwatch.GetElapsedTime(begun);
        var requests = (await cloud.TakeRequests()).Where(service => service.Value > 0).Select(service => string.Create(CultureInfo.InvariantCulture, $"{service.Key} {(double)service.Value / accounts:0.00}"));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {accounts:N0} {kind} | {what} | {instances} | {accounts / elapsed.TotalSeconds:0} | {elapsed.TotalSeconds:0.0} | {string.Join(", ", requests)} | {Sum(outcomes)} |"));
    }

    private static string Sum(IEnumerable<JsonObject> outcomes) => string.Join(", ", outcomes
        .SelectMany(outcome => outcome["returnValue"]?.AsObject() ?? [])
        .GroupBy(count => count.Key, count => (int)count.Value!)
        .OrderBy(group => group.Key, StringComparer.Ordinal)
        .Select(group => string.Create(CultureInfo.InvariantCulture, $"{group.Sum()} {group.Key}")));
}
