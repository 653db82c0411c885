using System.Globalization;
using Microsoft.Azure.Cosmos;
using Newtonsoft.Json.Linq;
using Xunit.Abstractions;

namespace LocalAzure.Tests.Cosmos;

/// <summary>
/// The same documents and queries in a container of one range and in one of four, whose answers the SDK merges. A run repeats when
/// <c>COSMOS_QUERY_SEED</c> is set to the number that it printed.
/// </summary>
public sealed class PartitionRangePropertyTests(CosmosHost host, ITestOutputHelper output) : IClassFixture<CosmosHost>
{
    private const int Runs = 120;

    private static readonly QueryModel.Order[][] Orders =
        [[new("a", false)], [new("a", true)], [new("b", false)], [new("s.x", true)], [new("pk", false), new("id", false)], [new("pk", true), new("id", true)]];

    [Fact]
    public async Task Four_ranges_give_what_one_gives()
    {
        var given = Environment.GetEnvironmentVariable("COSMOS_QUERY_SEED");
        var first = given is null ? Random.Shared.Next(1_000_000) : int.Parse(given, CultureInfo.InvariantCulture);
        output.WriteLine($"COSMOS_QUERY_SEED={first}");
        var (one, four) = (await host.NewContainer(configure: Index),
            await host.NewContainer(configure: Index, throughput: 40_000));
        var random = new Random(first);
        for (var i = 0; i < 90; i++)
        {
            var document = QueryModel.Document(random, $"d{i}");
            document["pk"] = $"p{i % 30}";
            foreach (var container in new[] { one, four }) { await container.CreateItemAsync(document); }
        }
        for (var run = 0; run < Runs; run++)
        {
            random = new Random(first + run);
            var where = $"FROM c WHERE {QueryModel.Condition(random, depth: random.Next(3)).Sql}";
            var options = new QueryRequestOptions { MaxItemCount = random.Next(1, 20) };
            var because = $"COSMOS_QUERY_SEED={first}, run {run}: {where}";
            if (random.Next(2) == 0) { await CompareOrdered(random, where, because); }
            else { await CompareUnordered(Unordered(random, where), because); }

            async Task CompareOrdered(Random random, string where, string because)
            {
                var order = Orders[random.Next(Orders.Length)];
                var by = string.Join(", ", order.Select(o => $"c.{o.Path} {(o.Descending ? "DESC" : "ASC")}"));
                var (top, limit) = random.Next(3) switch
                {
                    0 => ($"TOP {random.Next(30)} ", ""),
                    1 => ("", $" OFFSET {random.Next(10)} LIMIT {random.Next(20)}"),
                    _ => ("", ""),
                };
                var sql = $"SELECT {top}* {where} ORDER BY {by}{limit}";
                var expected = await QueryTests.Rows(one.GetItemQueryIterator<JObject>(sql, requestOptions: options));
                var found = await QueryTests.Rows(four.GetItemQueryIterator<JObject>(sql, requestOptions: options));
                found.Select(d => QueryModel.Keys(d, order)).Should().Equal(expected.Select(d => QueryModel.Keys(d, order)), $"{because} {sql}");
                found.Select(d => d["id"]!.Value<string>()).Should().OnlyHaveUniqueItems($"{because} {sql}");
            }

            async Task CompareUnordered(string sql, string because)
            {
                var expected = await QueryTests.Rows(one.GetItemQueryIterator<JToken>(sql, requestOptions: options));
                var found = await QueryTests.Rows(four.GetItemQueryIterator<JToken>(sql, requestOptions: options));
                Texts(found).Should().Equal(Texts(expected), $"{because} {sql}");
            }
        }
    }

    private static string Unordered(Random random, string where) => random.Next(8) switch
    {
        0 => $"SELECT VALUE COUNT(1) {where}",
        1 => $"SELECT VALUE SUM(c.a) {where}",
        2 => $"SELECT VALUE AVG(c.b) {where}",
        3 => $"SELECT COUNT(c.a) AS a, COUNT(1) AS n {where}",
        4 => $"SELECT c.pk AS partition, COUNT(1) AS n {where} GROUP BY c.pk",
        5 => $"SELECT c.a, COUNT(1) AS n {where} GROUP BY c.a",
        6 => $"SELECT DISTINCT VALUE c.a {where}",
        _ => $"SELECT c.id, c.a AS first {where}",
    };

    private static IEnumerable<string> Texts(IEnumerable<JToken> rows) => rows.Select(Text).Order(StringComparer.Ordinal);

    // Numbers are doubles, which the SDK writes as such once it has added them up.
    private static string Text(JToken row) => row switch
    {
        JObject item => string.Join(',', item.Properties().OrderBy(p => p.Name, StringComparer.Ordinal).Select(p => $"{p.Name}:{Text(p.Value)}")),
        JValue { Type: JTokenType.Integer or JTokenType.Float } number => number.Value<double>().ToString("R", CultureInfo.InvariantCulture),
        _ => QueryModel.Text(row),
    };

    private static void Index(ContainerProperties properties)
    {
        foreach (var path in new[] { "/*", "/a/?", "/b/?", "/s/x/?" }) { properties.IndexingPolicy.IncludedPaths.Add(new IncludedPath { Path = path }); }
        properties.IndexingPolicy.CompositeIndexes.Add([new CompositePath { Path = "/pk" }, new CompositePath { Path = "/id" }]);
    }
}
