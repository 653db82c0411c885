using System.Globalization;
using Microsoft.Azure.Cosmos;
using Newtonsoft.Json.Linq;
using Xunit.Abstractions;

namespace LocalAzure.Tests.Cosmos;

/// <summary>
/// Random documents, changes, filters, orders and pages: the emulator, through the SDK, with indexes and without any, against <see cref="QueryModel"/>.
/// A run repeats when <c>COSMOS_QUERY_SEED</c> is set to the number that it printed.
/// </summary>
public sealed class QueryPropertyTests(CosmosHost host, ITestOutputHelper output) : IClassFixture<CosmosHost>
{
    private const int Runs = 300;

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
        var bare = await host.NewContainer(configure: p => p.IndexingPolicy = new IndexingPolicy { ExcludedPaths = { new ExcludedPath { Path = "/*" } } });
        var first = Seed();
        for (var seed = first; seed < first + Runs; seed++)
        {
            var random = new Random(seed);
            for (var i = 0; i < 8; i++) { await ChangeSomething(random, [named, partly, bare]); }
            await Compare(random, $"COSMOS_QUERY_SEED={first}, run {seed - first}", Orders, page: random.Next(1, 9), [named, partly], unordered: bare);
        }
    }

    [Fact]
    public async Task Indexes_that_a_query_asks_for_when_the_container_is_already_full_give_the_same()
    {
        var container = await host.NewContainer(configure: p => p.IndexingPolicy = Policy(["/*", "/a/?", "/b/?", "/s/x/?"], excludeRest: false));
        var wild = await host.NewContainer(configure: p => p.IndexingPolicy = Policy(["/*"], excludeRest: false));
        var first = Seed();
        var random = new Random(first);
        for (var i = 0; i < 1200; i++) { documents[$"d{i}"] = QueryModel.Document(random, $"d{i}"); }
        var writes = documents.Values.SelectMany(d => new[] { container, wild }.Select(c => (Container: c, Document: d)));
        await Parallel.ForEachAsync(writes, async (write, cancellation) =>
            await write.Container.CreateItemAsync(write.Document, new PartitionKey(write.Document["pk"]!.Value<string>()), cancellationToken: cancellation));

        var orders = Orders.Where(o => o.Length != 1).ToArray();
        for (var seed = first; seed < first + 60; seed++)
        {
            var run = $"COSMOS_QUERY_SEED={first}, run {seed - first}";
            await Compare(new Random(seed), run, Orders, page: 200, [container]);
            // Ordered by one property, a wildcard leaves out what has no such property: not what this model says.
            await Compare(new Random(seed), run, orders, page: 200, [wild]);
        }
    }

    private int Seed()
    {
        var given = Environment.GetEnvironmentVariable("COSMOS_QUERY_SEED");
        var seed = given is null ? Random.Shared.Next(1_000_000) : int.Parse(given, CultureInfo.InvariantCulture);
        output.WriteLine($"COSMOS_QUERY_SEED={seed}");
        return seed;
    }

    /// <param name="unordered">A container without indexes, which no order can be asked of.</param>
    private async Task Compare(Random random, string run, QueryModel.Order[][] orders, int page, Container[] containers, Container? unordered = null)
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
        var (aggregate, number) = random.Next(3) switch
        {
            0 => ($"SELECT VALUE COUNT(1) FROM c WHERE {filter.Sql}", expected.Count),
            // No aggregate looks into a subquery.
            1 when !filter.Sql.Contains("SELECT", StringComparison.Ordinal) => ($"SELECT VALUE COUNTIF({filter.Sql}) FROM c", expected.Count),
            _ => ($"SELECT VALUE COUNT(1) FROM (SELECT DISTINCT VALUE c.a FROM c WHERE {filter.Sql})", QueryModel.Distinct(expected, "a")),
        };
        // The same filter without a container: over a document that the query itself spells out.
        var one = documents.Values.ElementAt(random.Next(documents.Count));
        var alone = $"SELECT VALUE (SELECT VALUE COUNT(1) FROM c IN (SELECT VALUE [{QueryModel.Text(one)}]) WHERE {filter.Sql})";
        var held = await QueryTests.Rows(containers[0].GetItemQueryIterator<int>(alone, requestOptions: options));
        held.Should().Equal([filter.Holds(one) == true ? 1 : 0], $"{alone}, {run}");
        foreach (var container in order.Length == 0 && unordered is not null ? [.. containers, unordered] : containers)
        {
            var found = await QueryTests.Rows(container.GetItemQueryIterator<JObject>(sql, requestOptions: options));
            var because = $"{sql} in {partition ?? "all partitions"}, {run}";
            found.Select(d => QueryModel.Keys(d, order)).Should().Equal(slice.Select(d => QueryModel.Keys(d, order)), because);
            // Which of equal rows a limit keeps is nobody's promise; that they are different rows of the answer is.
            found.Select(Id).Should().OnlyHaveUniqueItems(because).And.BeSubsetOf(expected.Select(Id), because);

            (await QueryTests.Rows(container.GetItemQueryIterator<int>(aggregate, requestOptions: options))).Should().Equal([number], $"{aggregate}, {run}");
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
