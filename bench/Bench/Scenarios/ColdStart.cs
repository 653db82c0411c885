using System.Diagnostics;

namespace Bench.Scenarios;

/// <summary>
/// From the start of the process to the first 200, and to the first 200 that has read a customer with its API key: token, Cosmos DB account, key, customer. The emulators run
/// already. The product is published in every <see cref="Shape"/>, the bare server as the product is by default; all take turns, and so does a folder that CUSTOMER_FUNCTIONS_APP names.
/// </summary>
internal static class ColdStart
{
    private const int WarmUp = 2;
    private const string Listening = "/api/health/live";

    public static async Task Run(Options options)
    {
        var bare = new Start("bare server, published as the product is by default", Published.Executable(await Published.Bare(), "Bare"), "/", [], null);
        var built = new Start("bare server as \"dotnet build\" leaves it", Published.Executable(Published.PathOf("bench", "Bare", "bin", Published.Configuration, "net10.0"), "Bare"), "/", [], null);
        var template = new Start("a new project's server (\"dotnet new web\"), by \"dotnet publish\"", Published.Executable(await Published.Template(), "Template"), "/", [], null);
        var folders = new List<(Shape Shape, string Folder)>();
        foreach (var shape in Shape.All) { folders.Add((shape, await Published.Product(shape))); }
        if (Environment.GetEnvironmentVariable("CUSTOMER_FUNCTIONS_APP") is { Length: > 0 } named) { folders.Add((new Shape(named, named, []), Path.GetFullPath(named))); }

        await using var cloud = await LocalCloud.Start(folders[0].Folder);
        var (id, key) = await cloud.CreateCustomer("Cold Start");
        var path = $"/api/customers/{id}";
        (await cloud.Api.GetAsync(path)).EnsureSuccessStatusCode();
        var product = folders.Select(published => Published.Executable(published.Folder, "CustomerFunctions"))
            .Select(executable => (First: new Start("", executable, Listening, cloud.Environment, null), Read: new Start("", executable, path, cloud.Environment, key))).ToList();

        Start[] servers = [bare, built, template];
        for (var i = -WarmUp; i < options.Get("runs", 15); i++)
        {
            foreach (var start in servers.Concat(product.SelectMany(shape => new[] { shape.First, shape.Read }))) { await start.Take(counts: i >= 0); }
        }

        Console.WriteLine("\n| from process start to the first answer | ms, median (smallest to largest) | against the bare server | ms of processor | MB held |\n| --- | --- | --- | --- | --- |");
        foreach (var start in servers) { Print($"| {start.Name} | {start.Times} | {start.Times.Median / bare.Times.Median:0.00} | {start.Processor.Median:0} | {start.Memory.Median:0} |"); }

        Console.WriteLine("\n| the product, published | MB unpacked | MB zipped | ms to the first answer | against bare | ms to the first customer | against bare | against a new project's | ms of processor | MB held |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        foreach (var ((shape, folder), (first, read)) in folders.Zip(product))
        {
            var (unpacked, zipped) = Shape.SizeOf(folder);
            Print($"| {shape.Name} | {unpacked:0} | {zipped:0} | {first.Times} | {first.Times.Median / bare.Times.Median:0.00} | {read.Times} | {read.Times.Median / bare.Times.Median:0.00} | {read.Times.Median / template.Times.Median:0.00} | {read.Processor.Median:0} | {read.Memory.Median:0} |");
        }
    }

    private static void Print(FormattableString line) => Console.WriteLine(FormattableString.Invariant(line));

    private sealed record Start(string Name, string Executable, string Path, Dictionary<string, string> Environment, string? Key)
    {
        public Sample Times { get; } = new();

        /// <summary>Milliseconds of processor until that answer.</summary>
        public Sample Processor { get; } = new();

        /// <summary>Megabytes held at that moment.</summary>
        public Sample Memory { get; } = new();

        public async Task Take(bool counts)
        {
            var begun = Stopwatch.GetTimestamp();
            using var server = Server.Start(Executable, Environment);
            await server.WaitForAnswer(Path, Key);
            var elapsed = Stopwatch.GetElapsedTime(begun);
            if (!counts) { return; }
            Times.Add(elapsed.TotalMilliseconds);
            Processor.Add(server.ProcessorTime.TotalMilliseconds);
            Memory.Add(server.WorkingSet / 1e6);
        }
    }
}
