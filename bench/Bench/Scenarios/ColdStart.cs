using System.Diagnostics;
using System.Globalization;

namespace Bench.Scenarios;

/// <summary>
/// From the start of the process to the first 200, and to the first 200 that has read a customer with its API key: token, Cosmos DB account, key, customer. The emulators run
/// already. The product is published in every <see cref="Shape"/>, the bare server as the product is by default; all take turns.
/// </summary>
internal static class ColdStart
{
    private const int WarmUp = 2;
    private const string Listening = "/api/health/live";

    public static async Task Run(Options options)
    {
        var bare = new Start("bare server, published as the product is by default", Published.Executable(await Published.Bare(), "Bare"), "/", [], null);
        var built = new Start("bare server as \"dotnet build\" leaves it", Published.Executable(Published.PathOf("bench", "Bare", "bin", Published.Configuration, "net10.0"), "Bare"), "/", [], null);
        var folders = new List<(Shape Shape, string Folder)>();
        foreach (var shape in Shape.All) { folders.Add((shape, await Published.Product(shape))); }

        await using var cloud = await LocalCloud.Start(folders[0].Folder);
        var (id, key) = await cloud.CreateCustomer("Cold Start");
        var path = $"/api/customers/{id}";
        (await cloud.Api.GetAsync(path)).EnsureSuccessStatusCode();
        var product = folders.Select(published => Published.Executable(published.Folder, "CustomerFunctions"))
            .Select(executable => (First: new Start("", executable, Listening, cloud.Environment, null), Read: new Start("", executable, path, cloud.Environment, key))).ToList();

        for (var i = -WarmUp; i < options.Get("runs", 15); i++)
        {
            foreach (var start in product.SelectMany(shape => new[] { shape.First, shape.Read }).Prepend(built).Prepend(bare)) { await start.Take(counts: i >= 0); }
        }

        Console.WriteLine("\n| from process start to the first answer | ms, median (smallest to largest) | against the bare server |\n| --- | --- | --- |");
        foreach (var start in new[] { bare, built }) { Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {start.Name} | {start.Times} | {start.Times.Median / bare.Times.Median:0.00} |")); }

        Console.WriteLine("\n| the product, published | MB unpacked | MB zipped | ms to the first answer | against bare | ms to the first customer | against bare |\n| --- | --- | --- | --- | --- | --- | --- |");
        foreach (var ((shape, folder), (first, read)) in folders.Zip(product))
        {
            var (unpacked, zipped) = Shape.SizeOf(folder);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {shape.Name} | {unpacked:0} | {zipped:0} | {first.Times} | {first.Times.Median / bare.Times.Median:0.00} | {read.Times} | {read.Times.Median / bare.Times.Median:0.00} |"));
        }
    }

    private sealed record Start(string Name, string Executable, string Path, Dictionary<string, string> Environment, string? Key)
    {
        public Sample Times { get; } = new();

        public async Task Take(bool counts)
        {
            var begun = Stopwatch.GetTimestamp();
            using var server = Server.Start(Executable, Environment);
            await server.WaitForAnswer(Path, Key);
            if (counts) { Times.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds); }
        }
    }
}
