using System.Diagnostics;
using System.Globalization;

namespace Bench.Scenarios;

/// <summary>One run of the rotation timer over service accounts that are all due, and what it asks of each service.</summary>
internal static class Rotate
{
    private const int PerCustomer = 20;
    private static readonly TimeSpan PastEveryInterval = TimeSpan.FromDays(91);

    public static async Task Run(Options options)
    {
        await using var cloud = await LocalCloud.Start(await Published.Product());
        var accounts = options.Get("accounts", 1000);
        Console.WriteLine($"Making {accounts} service accounts ...");
        await Parallel.ForAsync(0, (accounts + PerCustomer - 1) / PerCustomer, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (i, _) =>
        {
            var (customer, _) = await cloud.CreateCustomer($"Rotating {i}");
            for (var n = i * PerCustomer; n < Math.Min((i + 1) * PerCustomer, accounts); n++)
            {
                await cloud.Post($"/api/customers/{customer}/service-accounts", new { name = $"account-{n}", kind = "apiCredential" });
            }
        });

        Console.WriteLine("\n| timer run in which | accounts/s | s | requests per account | outcome |\n| --- | --- | --- | --- | --- |");
        await cloud.Advance(PastEveryInterval);
        await Pass(cloud, "every account is rotated", accounts);
        await cloud.Advance(TimeSpan.FromDays(2));
        await Pass(cloud, "every old key is retired", accounts);
    }

    private static async Task Pass(LocalCloud cloud, string occasion, int accounts)
    {
        await cloud.TakeRequests();
        var begun = Stopwatch.GetTimestamp();
        var outcome = await cloud.RunTimer("RotateServiceAccountKeys");
        var elapsed = Stopwatch.GetElapsedTime(begun);
        var requests = (await cloud.TakeRequests()).Where(service => service.Value > 0).Select(service => string.Create(CultureInfo.InvariantCulture, $"{service.Key} {(double)service.Value / accounts:0.00}"));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {occasion} | {accounts / elapsed.TotalSeconds:0} | {elapsed.TotalSeconds:0.0} | {string.Join(", ", requests)} | {outcome["statusCode"]}: {outcome["logs"]![0]} |"));
    }
}
