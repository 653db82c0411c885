using System.Net;
using LocalAzure.Cosmos.Indexing;
using LocalAzure.Cosmos.Storage;
using Microsoft.Azure.Cosmos;
using Newtonsoft.Json.Linq;
using Container = Microsoft.Azure.Cosmos.Container;
using PartitionKey = Microsoft.Azure.Cosmos.PartitionKey;

namespace LocalAzure.Tests.Cosmos;

/// <summary>Containers of several partition key ranges, as the SDK sees them.</summary>
public sealed class PartitionRangeTests(CosmosHost host) : IClassFixture<CosmosHost>
{
    [Theory]
    [InlineData("\"\"", "32E9366E637A71B4E710384B2F4970A0")]
    [InlineData("\"partitionKey\"", "013AEFCF77FA271571CF665A58C933F1")]
    [InlineData("5", "19C08621B135968252FB34B4CF66F811")]
    [InlineData("5.123124190509124", "0EF2E2D82460884AF0F6440BE4F726A8")]
    [InlineData("true", "0E711127C5B5A8E4726AC6DD306A3E59")]
    [InlineData("false", "2FE1BE91E90A3439635E0E9E37361EF2")]
    public void A_key_has_the_place_that_the_SDKs_give_it(string key, string place)
    {
        using var json = System.Text.Json.JsonDocument.Parse(key);
        var bytes = new OrderedBytes().Add(json.RootElement).ToArray();
        EffectivePartitionKey.Text(EffectivePartitionKey.Of(bytes)).Should().Be(place);
    }

    [Fact]
    public async Task Bulk_writes_and_reads_of_many_items_find_their_range_among_four()
    {
        var container = await NewContainer(splits: 3);
        using var client = host.NewClient(options => options.AllowBulkExecution = true);
        var bulk = client.GetContainer(host.Database.Id, container.Id);
        var ids = Enumerable.Range(0, 100).Select(i => $"ü{i}").ToArray();
        await Task.WhenAll(ids.Select(id => bulk.CreateItemAsync(Item(id, id), new PartitionKey(id))));

        var ranges = await container.GetFeedRangesAsync();
        ranges.Should().HaveCount(4);
        var found = new List<string>();
        foreach (var range in ranges)
        {
            var rows = await QueryTests.Rows(container.GetItemQueryIterator<JObject>(range, new QueryDefinition("SELECT * FROM c")));
            rows.Should().NotBeEmpty();
            found.AddRange(rows.Select(Id));
        }
        found.Should().BeEquivalentTo(ids);
        // The SDK asks for these items range by range, by hashes of its own.
        var many = await container.ReadManyItemsAsync<JObject>([.. ids.Select(id => (id, new PartitionKey(id)))]);
        many.Select(Id).Should().BeEquivalentTo(ids);
    }

    [Fact]
    public async Task A_range_that_was_split_is_gone_and_the_ranges_outlive_a_restart()
    {
        var container = await NewContainer(splits: 1);
        var path = $"dbs/{host.Database.Id}/colls/{container.Id}";
        using var gone = await host.Send(HttpMethod.Get, $"{path}/docs", "x-ms-documentdb-partitionkeyrangeid: 0|-x-ms-documentdb-partitionkey");
        gone.StatusCode.Should().Be(HttpStatusCode.Gone);
        gone.Headers.GetValues("x-ms-substatus").Should().Equal("1002");

        await host.Restart();
        using var reply = await host.Send(HttpMethod.Get, $"{path}/pkranges");
        var ranges = JObject.Parse(await reply.Content.ReadAsStringAsync())["PartitionKeyRanges"]!;
        const string Middle = "1FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF";
        ranges.Select(r => $"{r["id"]}: {r["minInclusive"]} to {r["maxExclusive"]} of {r["parents"]![0]}")
            .Should().Equal($"1:  to {Middle} of 0", $"2: {Middle} to FF of 0");
    }

    [Theory]
    [InlineData(10_000, 1)]
    [InlineData(10_100, 2)]
    [InlineData(40_000, 4)]
    public async Task A_new_container_has_a_range_for_every_10000_units(int throughput, int ranges)
    {
        var container = await host.NewContainer(throughput: throughput);
        (await container.GetFeedRangesAsync()).Should().HaveCount(ranges);
    }

    [Fact]
    public async Task A_partition_key_definition_of_version_1_has_one_range()
    {
        var container = await host.NewContainer(configure: p => p.PartitionKeyDefinitionVersion = PartitionKeyDefinitionVersion.V1);
        using var refused = await Split(container, "0");
        refused.StatusCode.Should().Be(HttpStatusCode.NotImplemented);
    }

    [Theory]
    [InlineData("SELECT * FROM c")]
    [InlineData("SELECT * FROM c ORDER BY c.n DESC")]
    [InlineData("SELECT c.id, c.n AS m FROM c WHERE c.n > 20 OR c.n = 3 ORDER BY c.n OFFSET 7 LIMIT 20")]
    [InlineData("SELECT TOP 9 VALUE c.id FROM c ORDER BY c.n")]
    [InlineData("SELECT VALUE COUNT(1) FROM c WHERE c.n > 12")]
    [InlineData("SELECT VALUE AVG(c.n) FROM c")]
    [InlineData("SELECT VALUE MIN(c.n) FROM c WHERE c.n = 17")]
    [InlineData("SELECT VALUE MAX(c.n) FROM c WHERE c.n > 100")]
    [InlineData("SELECT VALUE SUM(c.n) FROM c")]
    [InlineData("SELECT COUNT(1) AS count, MAX(c.n) AS largest FROM c")]
    [InlineData("SELECT c.g, COUNT(1) AS count, AVG(c.n) AS average FROM c GROUP BY c.g")]
    [InlineData("SELECT DISTINCT VALUE c.g FROM c")]
    [InlineData("SELECT VALUE 1")]
    public async Task Four_ranges_answer_as_one(string sql)
    {
        var (one, four) = (await NewContainer(splits: 0), await NewContainer(splits: 3));
        for (var i = 0; i < 60; i++)
        {
            var item = Item($"d{i}", $"p{i % 20}");
            item["n"] = i;
            item["g"] = i % 3;
            foreach (var container in new[] { one, four }) { await container.CreateItemAsync(item); }
        }
        var options = new QueryRequestOptions { MaxItemCount = 7 };
        var expected = await QueryTests.Rows(one.GetItemQueryIterator<JToken>(sql, requestOptions: options));
        var found = await QueryTests.Rows(four.GetItemQueryIterator<JToken>(sql, requestOptions: options));
        var isOrdered = sql.Contains("ORDER BY", StringComparison.Ordinal);
        Texts(found).Should().Equal(Texts(expected));

        IEnumerable<string> Texts(List<JToken> rows)
        {
            var texts = rows.Select(Text);
            return isOrdered ? texts : texts.Order(StringComparer.Ordinal);
        }
    }

    [Theory]
    [InlineData("SELECT VALUE COUNT(1) + 5 FROM c", "8")]
    [InlineData("SELECT VALUE c.id FROM c ORDER BY c.id DESC", "c b a")]
    [InlineData("SELECT VALUE c.id FROM c ORDER BY c.id OFFSET 1 LIMIT 1", "b")]
    public async Task One_partition_of_four_ranges_needs_no_merging(string sql, string answer)
    {
        var container = await NewContainer(splits: 3);
        foreach (var (id, pk) in new[] { ("a", "x"), ("b", "x"), ("c", "x"), ("d", "y"), ("e", "z") }) { await container.CreateItemAsync(Item(id, pk)); }
        var options = new QueryRequestOptions { PartitionKey = new PartitionKey("x") };
        var rows = await QueryTests.Rows(container.GetItemQueryIterator<JToken>(sql, requestOptions: options));
        string.Join(' ', rows).Should().Be(answer);
    }

    [Theory]
    [InlineData("SELECT DISTINCT VALUE c.n FROM c ORDER BY c.n", "DISTINCT with ORDER BY")]
    [InlineData("SELECT VALUE COUNT(1) FROM (SELECT DISTINCT VALUE c.n FROM c)", "a count of different values")]
    [InlineData("SELECT VALUE c.n FROM c GROUP BY c.n", "SELECT VALUE of groups")]
    [InlineData("SELECT VALUE COUNTIF(c.n > 1) FROM c", "COUNTIF")]
    public async Task What_no_plan_merges_is_named(string sql, string named)
    {
        var container = await NewContainer(splits: 1);
        var query = () => QueryTests.Rows(container.GetItemQueryIterator<JToken>(sql));
        var refused = (await query.Should().ThrowAsync<CosmosException>()).Which;
        refused.StatusCode.Should().Be(HttpStatusCode.NotImplemented);
        refused.Message.Should().Contain(named);
    }

    [Fact]
    public async Task A_split_in_the_middle_of_paging_loses_and_doubles_nothing()
    {
        var container = await NewContainer(splits: 1);
        var ids = Enumerable.Range(0, 80).Select(i => $"d{i}").ToArray();
        foreach (var id in ids) { await container.CreateItemAsync(Item(id, id)); }
        using var query = container.GetItemQueryIterator<JObject>("SELECT * FROM c", requestOptions: new QueryRequestOptions { MaxItemCount = 5 });
        using var changes = container.GetChangeFeedIterator<JObject>(
            ChangeFeedStartFrom.Beginning(), ChangeFeedMode.Incremental, new ChangeFeedRequestOptions { PageSizeHint = 5 });
        var queried = (await query.ReadNextAsync()).Select(Id).ToList();
        var changed = (await changes.ReadNextAsync()).Select(Id).ToList();

        foreach (var range in new[] { "1", "2" })
        {
            using var split = await Split(container, range);
            split.StatusCode.Should().Be(HttpStatusCode.NoContent);
        }
        while (query.HasMoreResults) { queried.AddRange((await query.ReadNextAsync()).Select(Id)); }
        for (var unchanged = 0; unchanged < 8;)
        {
            var page = await changes.ReadNextAsync();
            if (page.StatusCode == HttpStatusCode.NotModified) { unchanged++; continue; }
            changed.AddRange(page.Select(Id));
        }
        queried.Should().BeEquivalentTo(ids);
        changed.Should().BeEquivalentTo(ids);
    }

    private static JObject Item(string id, string pk) => new() { ["id"] = id, ["pk"] = pk };

    private static string Id(JObject item) => item["id"]!.Value<string>()!;

    // What differs from container to container says nothing about the query.
    private static string Text(JToken row)
    {
        if (row is JObject item)
        {
            foreach (var own in new[] { "_rid", "_self", "_etag", "_ts", "_attachments" }) { item.Remove(own); }
        }
        return row.ToString(Newtonsoft.Json.Formatting.None);
    }

    private Task<HttpResponseMessage> Split(Container container, string range) =>
        host.Send(HttpMethod.Post, $"dbs/{host.Database.Id}/colls/{container.Id}/pkranges/{range}/split");

    private async Task<Container> NewContainer(int splits)
    {
        var container = await host.NewContainer();
        foreach (var range in new[] { "0", "1", "2" }.Take(splits))
        {
            using var split = await Split(container, range);
            split.StatusCode.Should().Be(HttpStatusCode.NoContent);
        }
        return container;
    }
}
