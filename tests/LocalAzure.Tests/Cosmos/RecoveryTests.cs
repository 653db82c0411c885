using System.Collections.Concurrent;
using LocalAzure.Cosmos;
using LocalAzure.Identity;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Logging.Abstractions;

namespace LocalAzure.Tests.Cosmos;

/// <summary>What is in the files at any instant is what a killed process leaves behind: the emulator must open it with every acknowledged write.</summary>
public sealed class RecoveryTests
{
    [LocalFact]
    public async Task Whatever_the_instant_every_acknowledged_write_is_in_the_files()
    {
        await using var scene = new Scene();
        var container = await scene.Start();
        var acknowledged = new ConcurrentDictionary<string, int>();
        using var stop = new CancellationTokenSource();
        var writers = Enumerable.Range(0, 4).Select(w => Task.Run(async () =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                var id = $"{w}-{i % 50}";
                await container.UpsertItemAsync(ItemTests.Item(id, "a", ("n", i)), new PartitionKey("a"));
                acknowledged[id] = i;
            }
        })).ToArray();

        for (var round = 0; round < 20; round++)
        {
            var writtenSoFar = acknowledged.Count;
            while (acknowledged.Count <= Math.Min(writtenSoFar, 150)) { await Task.Yield(); }
            var before = acknowledged.ToArray();
            await using var copy = scene.OpenCopy();
            foreach (var (id, n) in before) { copy.NumberOf(container.Id, id).Should().BeGreaterThanOrEqualTo(n, "round {0}, item {1}", round, id); }
        }
        await stop.CancelAsync();
        await Task.WhenAll(writers);
    }

    [LocalFact]
    public async Task A_torn_tail_costs_nothing_but_itself()
    {
        await using var scene = new Scene();
        var container = await scene.Start();
        for (var i = 0; i < 5; i++) { await container.CreateItemAsync(ItemTests.Item($"{i}", "a", ("n", i)), new PartitionKey("a")); }
        var log = scene.LogLength();
        await container.CreateItemAsync(ItemTests.Item("last", "a", ("n", 5)), new PartitionKey("a"));
        for (var cut = log; cut < scene.LogLength(); cut += 7)
        {
            await using var copy = scene.OpenCopy(cut);
            copy.Count(container.Id).Should().Be(5, "cut at {0}", cut);
            copy.NumberOf(container.Id, "4").Should().Be(4);
        }
    }

    [LocalFact]
    public async Task A_batch_that_is_not_whole_in_the_file_has_not_happened()
    {
        await using var scene = new Scene();
        var container = await scene.Start();
        await container.CreateItemAsync(ItemTests.Item("0", "a", ("n", 0)), new PartitionKey("a"));
        var before = scene.LogLength();
        (await Batch("0").ExecuteAsync()).IsSuccessStatusCode.Should().BeFalse("the last operation is in conflict");
        scene.LogLength().Should().Be(before, "what was taken back is not in the file");
        (await Batch("9").ExecuteAsync()).IsSuccessStatusCode.Should().BeTrue();

        for (var cut = before; cut < scene.LogLength(); cut += 29)
        {
            await using var copy = scene.OpenCopy(cut);
            copy.Count(container.Id).Should().Be(1, "cut at {0}", cut);
            copy.NumberOf(container.Id, "0").Should().Be(0);
        }
        await using var whole = scene.OpenCopy();
        whole.Count(container.Id).Should().Be(4);
        whole.NumberOf(container.Id, "0").Should().Be(1);

        TransactionalBatch Batch(string last) => container.CreateTransactionalBatch(new PartitionKey("a"))
            .CreateItem(ItemTests.Item("1", "a", ("n", 1))).CreateItem(ItemTests.Item("2", "a", ("n", 2)))
            .ReplaceItem("0", ItemTests.Item("0", "a", ("n", 1))).CreateItem(ItemTests.Item(last, "a", ("n", 3)));
    }

    [LocalFact]
    public async Task What_was_overwritten_is_cleared_away_and_nothing_else()
    {
        await using var scene = new Scene();
        var container = await scene.Start();
        await container.CreateItemAsync(ItemTests.Item("kept", "a", ("n", 7)), new PartitionKey("a"));
        for (var i = 0; i < 40; i++) { await container.UpsertItemAsync(ItemTests.Item("large", "a", ("n", i), ("text", new string('x', 1_000_000))), new PartitionKey("a")); }
        scene.LogLength().Should().BeLessThan(20_000_000, "40 MB were written and 1 MB is alive");
        (await container.ReadItemAsync<Newtonsoft.Json.Linq.JObject>("kept", new PartitionKey("a"))).Resource["n"]!.ToString().Should().Be("7");
        await container.UpsertItemAsync(ItemTests.Item("after", "a", ("n", 8)), new PartitionKey("a"));

        await using var copy = scene.OpenCopy();
        copy.Count(container.Id).Should().Be(3);
        copy.NumberOf(container.Id, "kept").Should().Be(7);
        copy.NumberOf(container.Id, "large").Should().Be(39);
        copy.NumberOf(container.Id, "after").Should().Be(8);
    }

    private sealed class Scene : IAsyncDisposable
    {
        private readonly CosmosHost host = new();
        private readonly string folder = Directory.CreateTempSubdirectory("local-azure-recovery-").FullName;
        private int copies;

        public async Task<Container> Start()
        {
            await host.InitializeAsync();
            return await host.NewContainer();
        }

        public long LogLength() => new FileInfo(Log(host.StateDirectory)).Length;

        public Copy OpenCopy(long? cut = null)
        {
            var copy = Path.Combine(folder, $"{copies++}");
            foreach (var file in Directory.GetFiles(host.StateDirectory, "*", SearchOption.AllDirectories))
            {
                var target = Path.Combine(copy, Path.GetRelativePath(host.StateDirectory, file));
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                using var source = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                using var destination = File.Create(target);
                source.CopyTo(destination);
                if (cut is { } length && Path.GetExtension(file) == ".log") { destination.SetLength(length); }
            }
            return new Copy(CosmosEmulator.Open(new EmulatorEnvironment(copy, host.Clock, new TokenAuthority(new byte[32]), NullLogger.Instance)), host.Database.Id);
        }

        public async ValueTask DisposeAsync()
        {
            await host.DisposeAsync();
            Directory.Delete(folder, recursive: true);
        }

        private static string Log(string directory) => Directory.GetFiles(directory, "*.log", SearchOption.AllDirectories).Single();
    }

    private sealed class Copy(CosmosEmulator emulator, string database) : IAsyncDisposable
    {
        public int NumberOf(string container, string id) =>
            int.Parse(emulator.Browser.Documents(database, container, $"SELECT VALUE c.n FROM c WHERE c.id = '{id}'")!.Documents.Single(), null);

        public long Count(string container) => emulator.Browser.Containers().Single(c => c.Container == container).Documents;

        public ValueTask DisposeAsync() => emulator.DisposeAsync();
    }
}
