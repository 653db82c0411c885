using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Bench.Scenarios;

/// <summary>
/// A customer read with its API key, over loopback, against a bare server's static answer of the same size. The load comes from this process on the same machine, so
/// requests per second understate the difference; processor time per request of the server alone does not.
/// </summary>
internal static class Get
{
    private sealed record Subject(string Name, Server Server, string Path, string? Key = null, string? CacheControl = null)
    {
        public Sample PerSecond { get; } = new();

        public Sample MicrosecondsOfProcessor { get; } = new();
    }

    public static async Task Run(Options options)
    {
        var (product, bare) = (await Published.Product(), await Published.Bare());
        await using var cloud = await LocalCloud.Start(product);
        var (id, key) = await cloud.CreateCustomer("Read Often");
        using var app = Server.Start(Published.Executable(product, "CustomerFunctions"), cloud.Environment);
        using var plain = Server.Start(Published.Executable(bare, "Bare"), []);
        await app.WaitForAnswer($"/api/customers/{id}", key);
        await plain.WaitForAnswer("/");

        Subject[] subjects =
        [
            new("bare server", plain, "/"),
            new("product, no key, no dependency (`/api/health/live`)", app, "/api/health/live"),
            new("product, customer that may be 5 s old to staff (`Cache-Control: max-age=5`)", app, $"/api/customers/{id}", cloud.AdminKey, "max-age=5"),
            new("product, customer as it is now (one Cosmos DB read each)", app, $"/api/customers/{id}", key),
        ];
        var (connections, time) = (options.Get("connections", 16), TimeSpan.FromSeconds(options.Get("seconds", 3)));
        for (var round = -1; round < options.Get("rounds", 5); round++)
        {
            foreach (var subject in subjects) { await Load(subject, connections, time, isWarmUp: round < 0); }
        }

        Console.WriteLine("\n| GET | requests/s, median (smallest to largest) | against bare | µs of the server's processor per request | bare against it |\n| --- | --- | --- | --- | --- |");
        foreach (var subject in subjects)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {subject.Name} | {subject.PerSecond} | {subject.PerSecond.Median / subjects[0].PerSecond.Median:0.00} | {subject.MicrosecondsOfProcessor} | {subjects[0].MicrosecondsOfProcessor.Median / subject.MicrosecondsOfProcessor.Median:0.00} |"));
        }
    }

    private static async Task Load(Subject subject, int connections, TimeSpan time, bool isWarmUp)
    {
        var (begun, processor) = (Stopwatch.GetTimestamp(), subject.Server.ProcessorTime);
        var counts = await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Task.Run(() => AskUntil(subject, begun, time))));
        var (elapsed, used) = (Stopwatch.GetElapsedTime(begun), subject.Server.ProcessorTime - processor);
        if (isWarmUp) { return; }
        subject.PerSecond.Add(counts.Sum() / elapsed.TotalSeconds);
        subject.MicrosecondsOfProcessor.Add(used.TotalMicroseconds / counts.Sum());
    }

    private static async Task<int> AskUntil(Subject subject, long begun, TimeSpan time)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, subject.Server.Port);
        using var connection = new Connection(socket, subject.Path, subject.Key, subject.CacheControl);
        var count = 0;
        while (Stopwatch.GetElapsedTime(begun) < time)
        {
            var status = await connection.Ask();
            if (status != 200) { throw new InvalidOperationException($"{subject.Name} answered {status}."); }
            count++;
        }
        return count;
    }
}
