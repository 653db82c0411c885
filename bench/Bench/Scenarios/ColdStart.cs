using System.Diagnostics;
using System.Globalization;

namespace Bench.Scenarios;

/// <summary>
/// From the start of the process to the first 200 that has read a customer with its API key: token, Cosmos DB account, key, customer. The emulators run
/// already. Against a bare server, published in the same way, to its first 200; the two take turns.
/// </summary>
internal static class ColdStart
{
    private const int WarmUp = 2;

    public static async Task Run(Options options)
    {
        var (product, bare) = (await Published.Product(), await Published.Bare());
        await using var cloud = await LocalCloud.Start(product);
        var (id, key) = await cloud.CreateCustomer("Cold Start");
        var path = $"/api/customers/{id}";
        (await cloud.Api.GetAsync(path)).EnsureSuccessStatusCode();

        var built = Published.Executable(Published.PathOf("bench", "Bare", "bin", Published.Configuration, "net10.0"), "Bare");
        var (bareFirst, builtFirst, listening, read) = (new Sample(), new Sample(), new Sample(), new Sample());
        for (var i = -WarmUp; i < options.Get("runs", 15); i++)
        {
            var times = (
                Bare: await Start(Published.Executable(bare, "Bare"), [], "/", null),
                Built: await Start(built, [], "/", null),
                Listening: await Start(Published.Executable(product, "CustomerFunctions"), cloud.Environment, "/api/health/live", null),
                Read: await Start(Published.Executable(product, "CustomerFunctions"), cloud.Environment, path, key));
            if (i < 0) { continue; }
            bareFirst.Add(times.Bare);
            builtFirst.Add(times.Built);
            listening.Add(times.Listening);
            read.Add(times.Read);
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""

            | from process start to | ms, median (smallest to largest) | against the bare server |
            | --- | --- | --- |
            | bare server, first answer | {bareFirst} | 1 |
            | bare server as "dotnet build" leaves it, first answer | {builtFirst} | {builtFirst.Median / bareFirst.Median:0.00} |
            | product, first answer that needs no dependency | {listening} | {listening.Median / bareFirst.Median:0.00} |
            | product, first customer read with an API key | {read} | {read.Median / bareFirst.Median:0.00} |
            """));
    }

    private static async Task<double> Start(string executable, Dictionary<string, string> environment, string path, string? key)
    {
        var begun = Stopwatch.GetTimestamp();
        using var server = Server.Start(executable, environment);
        await server.WaitForAnswer(path, key);
        return Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
    }
}
