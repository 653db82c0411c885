using FsCheck;
using FsCheck.Fluent;
using Microsoft.Azure.Cosmos;
using Newtonsoft.Json.Linq;

namespace LocalAzure.Tests.Cosmos;

/// <summary>Random documents, changes, filters, orders and pages: the emulator, through the SDK, against <see cref="QueryModel"/>.</summary>
public sealed class QueryPropertyTests(CosmosHost host) : IClassFixture<CosmosHost>
{
    private static readonly QueryModel.Order[][] Orders =
    [
        [], [], [new("a", false)], [new("a", true)], [new("b", false)], [new("s.x", true)],
        [new("a", false), new("b", false)], [new("a", true), new("b", true)], [new("pk", false), new("b", true)], [new("pk", true), new("b", false)],
        [new("pk", false), new("a", false), new("id", false)],
    ];

    private readonly Dictionary<string, JObject> documents = [];

    [Fact]
    public async Task Queries_give_what_a_plain_reading_of_the_documents_gives()
    {
        var named = await host.NewContainer(configure: p => p.IndexingPolicy = Policy(["/a/?", "/b/?", "/s/x/?", "/tags/[]/?"], excludeRest: true));
        var partly = await host.NewContainer(configure: p => p.IndexingPolicy = Policy(["/a/?", "/b/?", "/s/x/?", "/*"], excludeRest: false));
        var property = Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed => Run(seed, named, partly).GetAwaiter().GetResult());
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), property);
    }

    [Fact]
    public async Task Indexes_that_a_query_asks_for_when_the_container_is_already_full_give_the_same()
    {
        var container = await host.NewContainer(configure: p => p.IndexingPolicy = Policy(["/*", "/a/?", "/b/?", "/s/x/?"], excludeRest: false));
        var wild = await host.NewContainer(configure: p => p.IndexingPolicy = Policy(["/*"], excludeRest: false));
        var random = new Random(7);
        for (var i = 0; i < 1200; i++) { documents[$"d{i}"] = QueryModel.Document(random, $"d{i}"); }
        var writes = documents.Values.SelectMany(d => new[] { container, wild }.Select(c => (Container: c, Document: d)));
        await Parallel.ForEachAsync(writes, async (write, cancellation) =>
            await write.Container.CreateItemAsync(write.Document, new PartitionKey(write.Document["pk"]!.Value<string>()), cancellationToken: cancellation));

        var orders = Orders.Where(o => o.Length != 1).ToArray();
        for (var seed = 0; seed < 60; seed++)
        {
            await Compare(new Random(seed), $"seed {seed}", Orders, page: 200, container);
            // Ordered by one property, a wildcard leaves out what has no such property: not what this model says.
            await Compare(new Random(seed), $"seed {seed}", orders, page: 200, wild);
        }
    }

    private async Task Run(int seed, params Container[] containers)
    {
        var random = new Random(seed);
        for (var i = 0; i < 8; i++) { await ChangeSomething(random, containers); }
        await Compare(random, $"seed {seed}", Orders, page: random.Next(1, 9), containers);
    }

    private async Task Compare(Random random, string run, QueryModel.Order[][] orders, int page, params Container[] containers)
    {
        var filter = QueryModel.Condition(random, depth: random.Next(4));
        var order = orders[random.Next(orders.Length)];
        var partition = random.Next(3) == 0 ? $"p{random.Next(3)}" : null;
        var (offset, limit) = random.Next(4) == 0 ? (random.Next(5), random.Next(8)) : (0, int.MaxValue);
        var sql = $"SELECT * FROM c WHERE {filter.Sql}"
            + (order.Length == 0 ? "" : $" ORDER BY {string.Join(", ", order.Select(o => $"c.{o.Path} {(o.Descending ? "DESC" : "ASC")}"))}")
            + (limit == int.MaxValue ? "" : $" OFFSET {offset} LIMIT {limit}");
        var options = new QueryRequestOptions { MaxItemCount = page, PartitionKey = partition is null ? null : new PartitionKey(partition) };

        var all = documents.Values.Where(d => filter.Holds(d) == true && (partition is null || d["pk"]!.Value<string>() == partition));
        var expected = QueryModel.Sorted(all, order);
        var slice = expected.Skip(offset).Take(limit).ToList();
        foreach (var container in containers)
        {
            var found = await QueryTests.Rows(container.GetItemQueryIterator<JObject>(sql, requestOptions: options));
            var because = $"{sql} in {partition ?? "all partitions"}, {run}";
            found.Select(d => QueryModel.Keys(d, order)).Should().Equal(slice.Select(d => QueryModel.Keys(d, order)), because);
            // Which of equal rows a limit keeps is nobody's promise; that they are different rows of the answer is.
            found.Select(Id).Should().OnlyHaveUniqueItems(because).And.BeSubsetOf(expected.Select(Id), because);

            var count = await QueryTests.Rows(container.GetItemQueryIterator<int>($"SELECT VALUE COUNT(1) FROM c WHERE {filter.Sql}", requestOptions: options));
            count.Should().Equal([expected.Count], because);
        }
    }

    private async Task ChangeSomething(Random random, Container[] containers)
    {
        var id = $"d{random.Next(60)}";
        if (random.Next(4) > 0 || !documents.TryGetValue(id, out var document))
        {
            document = QueryModel.Document(random, id);
            foreach (var container in containers) { await container.UpsertItemAsync(document, new PartitionKey(document["pk"]!.Value<string>())); }
            documents[id] = document;
            return;
        }
        foreach (var container in containers) { await container.DeleteItemAsync<JObject>(id, new PartitionKey(document["pk"]!.Value<string>())); }
        documents.Remove(id);
    }

    private static string Id(JObject document) => document["id"]!.Value<string>()!;

    private static IndexingPolicy Policy(string[] included, bool excludeRest)
    {
        var policy = new IndexingPolicy();
        foreach (var path in included) { policy.IncludedPaths.Add(new IncludedPath { Path = path }); }
        if (excludeRest) { policy.ExcludedPaths.Add(new ExcludedPath { Path = "/*" }); }
        foreach (var composite in new[] { "a,b", "pk,b-", "pk,a,id" })
        {
            policy.CompositeIndexes.Add([.. composite.Split(',').Select(part => new CompositePath
            {
                Path = $"/{part.TrimEnd('-')}",
                Order = part.EndsWith('-') ? CompositePathSortOrder.Descending : CompositePathSortOrder.Ascending,
            })]);
        }
        return policy;
    }
}
