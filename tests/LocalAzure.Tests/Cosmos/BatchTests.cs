using System.Net;
using Microsoft.Azure.Cosmos;
using Newtonsoft.Json.Linq;

namespace LocalAzure.Tests.Cosmos;

/// <summary>Transactional batches and bulk mode, as the .NET SDK sends them (HybridRow) and as <c>@azure/cosmos</c> does (JSON).</summary>
public sealed class BatchTests(CosmosHost host) : IClassFixture<CosmosHost>
{
    private const HttpStatusCode FailedDependency = HttpStatusCode.FailedDependency;
    private static readonly PartitionKey A = new("a");

    [Fact]
    public async Task Every_kind_of_operation_is_carried_out_in_order()
    {
        var container = await host.NewContainer();
        foreach (var id in new[] { "replaced", "patched", "deleted", "read" }) { await container.CreateItemAsync(Item(id, 0), A); }

        using var answer = await container.CreateTransactionalBatch(A)
            .CreateItem(Item("created", 1))
            .UpsertItem(Item("created", 2))
            .ReplaceItem("replaced", Item("replaced", 3))
            .PatchItem("patched", [PatchOperation.Set("/n", 4)])
            .DeleteItem("deleted")
            .ReadItem("read")
            .ExecuteAsync();

        answer.StatusCode.Should().Be(HttpStatusCode.OK);
        answer.Select(result => (int)result.StatusCode).Should().Equal(201, 200, 200, 200, 204, 200);
        answer.GetOperationResultAtIndex<JObject>(1).Resource["n"]!.Value<int>().Should().Be(2);
        answer.GetOperationResultAtIndex<JObject>(5).Resource["id"]!.Value<string>().Should().Be("read");
        answer[0].ETag.Should().NotBe(answer[1].ETag);
        answer.RequestCharge.Should().BeGreaterThan(10);
        (await Numbers(container)).Should().Equal(("created", 2), ("patched", 4), ("read", 0), ("replaced", 3));
    }

    [Fact]
    public async Task One_operation_that_fails_undoes_all_and_the_others_are_424()
    {
        var container = await host.NewContainer(configure: c => c.UniqueKeyPolicy = new UniqueKeyPolicy { UniqueKeys = { new UniqueKey { Paths = { "/n" } } } });
        foreach (var (id, n) in new[] { ("kept", 1), ("changed", 2), ("deleted", 3) }) { await container.CreateItemAsync(Item(id, n), A); }
        var before = await Read(container, "changed");

        using var answer = await container.CreateTransactionalBatch(A)
            .CreateItem(Item("new", 4))
            .ReplaceItem("changed", Item("changed", 5))
            .DeleteItem("deleted")
            .CreateItem(Item("kept", 6))
            .CreateItem(Item("never", 7))
            .ExecuteAsync();

        answer.StatusCode.Should().Be(HttpStatusCode.Conflict);
        answer.Select(result => result.StatusCode).Should()
            .Equal(FailedDependency, FailedDependency, FailedDependency, HttpStatusCode.Conflict, FailedDependency);
        (await Numbers(container)).Should().Equal(("changed", 2), ("deleted", 3), ("kept", 1));
        (await Read(container, "changed"))["_etag"]!.Value<string>().Should().Be(before["_etag"]!.Value<string>());
        // The unique values are as they were, too: 4 and 5 are free, 2 and 3 are taken.
        (await Status(container, Item("x", 2))).Should().Be(HttpStatusCode.Conflict);
        (await Status(container, Item("x", 3))).Should().Be(HttpStatusCode.Conflict);
        (await Status(container, Item("y", 4))).Should().Be(HttpStatusCode.Created);
        (await Status(container, Item("z", 5))).Should().Be(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Conditions_hold_for_the_operation_that_has_them()
    {
        var container = await host.NewContainer();
        var item = await container.CreateItemAsync(Item("1", 0), A);
        var current = new TransactionalBatchItemRequestOptions { IfMatchEtag = item.ETag, EnableContentResponseOnWrite = false };

        using var first = await container.CreateTransactionalBatch(A).ReplaceItem("1", Item("1", 1), current).ExecuteAsync();
        using var second = await container.CreateTransactionalBatch(A).CreateItem(Item("2", 2)).ReplaceItem("1", Item("1", 3), current).ExecuteAsync();

        first.StatusCode.Should().Be(HttpStatusCode.OK);
        first[0].ResourceStream.Should().BeNull();
        second.StatusCode.Should().Be(HttpStatusCode.PreconditionFailed);
        (await Numbers(container)).Should().Equal(("1", 1));
    }

    [Fact]
    public async Task A_batch_may_have_100_operations_and_2_MB_in_one_partition()
    {
        var container = await host.NewContainer();

        (await Execute(container, Enumerable.Range(0, 100).Select(i => Item($"{i}", i)))).Should().Be(HttpStatusCode.OK);
        (await Execute(container, Enumerable.Range(100, 101).Select(i => Item($"{i}", i)))).Should().Be(HttpStatusCode.BadRequest);
        (await Execute(container, Enumerable.Range(0, 3).Select(i => Item($"big{i}", i, new string('x', 700_000))))).Should().Be(HttpStatusCode.RequestEntityTooLarge);
        (await Execute(container, [Item("mine", 1), new JObject { ["id"] = "other", ["pk"] = "b" }])).Should().Be(HttpStatusCode.BadRequest);
        (await Numbers(container)).Should().HaveCount(100);
    }

    [Fact]
    public async Task In_bulk_mode_every_operation_succeeds_or_fails_alone()
    {
        var container = await host.NewContainer();
        await container.CreateItemAsync(new JObject { ["id"] = "7", ["pk"] = "p0" }, new PartitionKey("p0"));
        using var client = host.NewClient(options => options.AllowBulkExecution = true);
        var bulk = client.GetContainer(host.Database.Id, container.Id);

        var created = await Task.WhenAll(Enumerable.Range(0, 250).Select(i =>
            ItemTests.Status(() => bulk.CreateItemAsync(new JObject { ["id"] = $"{i}", ["pk"] = $"p{i % 7}" }, new PartitionKey($"p{i % 7}")))));
        var read = await Task.WhenAll(Enumerable.Range(0, 250).Select(i =>
            ItemTests.Status(() => bulk.ReadItemAsync<JObject>($"{i}", new PartitionKey($"p{i % 7}")))));

        created.Count(status => status == HttpStatusCode.Created).Should().Be(249);
        created[7].Should().Be(HttpStatusCode.Conflict);
        read.Should().OnlyContain(status => status == HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_JavaScript_SDKs_encoding_is_answered_in_kind()
    {
        var container = await host.NewContainer();
        const string Atomic = """
            [{"operationType":"Create","resourceBody":{"id":"1","pk":"a","n":1}},{"operationType":"Read","id":"absent"}]
            """;
        const string Bulk = """
            [{"operationType":"Create","resourceBody":{"id":"1","pk":"b","n":1},"partitionKey":"[\"b\"]"},{"operationType":"Read","id":"absent","partitionKey":"[\"c\"]"},
            {"operationType":"Patch","id":"1","partitionKey":"[\"b\"]","resourceBody":{"operations":[{"op":"incr","path":"/n","value":2}]}}]
            """;

        (await Json(container, "x-ms-cosmos-batch-atomic: true", Atomic)).Should().Be(("MultiStatus", "424,404", ""));
        (await Json(container, "x-ms-cosmos-batch-continue-on-error: true|x-ms-documentdb-partitionkeyrangeid: 0|-x-ms-documentdb-partitionkey", Bulk))
            .Should().Be(("MultiStatus", "201,404,200", "1,3"));
        (await Json(container, "x-ms-cosmos-batch-continue-on-error: false|-x-ms-documentdb-partitionkey", Bulk)).Should().Be(("MultiStatus", "409,424,424", ""));
        (await Numbers(container)).Should().BeEmpty("the partition 'a' got nothing");
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("[7]")]
    [InlineData("""[{"operationType":"Execute"}]""")]
    [InlineData("""[{"operationType":"Read"}]""")]
    [InlineData("""[{"operationType":"Read","id":"1","partitionKey":"[\"b\"]"}]""")]
    public async Task A_body_that_is_no_batch_is_400(string body)
    {
        var container = await host.NewContainer();
        using var answer = await host.Send(
            HttpMethod.Post, $"dbs/{host.Database.Id}/colls/{container.Id}/docs", "x-ms-cosmos-is-batch-request: true|x-ms-cosmos-batch-atomic: true", body);
        answer.StatusCode.Should().Be(HttpStatusCode.BadRequest);
    }

    /// <summary>A batch that succeeds leaves what its operations leave one by one; a batch that fails leaves what there was.</summary>
    [Fact]
    public async Task A_batch_equals_its_operations_one_by_one_or_nothing()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var (batched, single) = (await host.NewContainer(), await host.NewContainer());
        for (var round = 0; round < 40; round++)
        {
            var operations = Enumerable.Range(0, random.Next(1, 6)).Select(_ => (Kind: random.Next(4), Id: $"{random.Next(5)}", N: random.Next(1000))).ToList();
            var before = await Numbers(batched);
            var batch = batched.CreateTransactionalBatch(A);
            foreach (var (kind, id, n) in operations)
            {
                _ = kind switch
                {
                    0 => batch.CreateItem(Item(id, n)),
                    1 => batch.UpsertItem(Item(id, n)),
                    2 => batch.ReplaceItem(id, Item(id, n)),
                    _ => batch.DeleteItem(id),
                };
            }
            using var answer = await batch.ExecuteAsync();
            if (!answer.IsSuccessStatusCode)
            {
                (await Numbers(batched)).Should().Equal(before, $"seed {seed}, round {round}");
                continue;
            }
            foreach (var (kind, id, n) in operations)
            {
                await (kind switch
                {
                    0 => single.CreateItemAsync(Item(id, n), A),
                    1 => single.UpsertItemAsync(Item(id, n), A),
                    2 => single.ReplaceItemAsync(Item(id, n), id, A),
                    _ => single.DeleteItemAsync<JObject>(id, A),
                });
            }
            (await Numbers(batched)).Should().Equal(await Numbers(single), $"seed {seed}, round {round}");
        }
    }

    private async Task<(string Status, string Statuses, string Numbers)> Json(Container container, string headers, string body)
    {
        using var answer = await host.Send(
            HttpMethod.Post, $"dbs/{host.Database.Id}/colls/{container.Id}/docs", $"x-ms-cosmos-is-batch-request: true|{headers}", body);
        var results = JArray.Parse(await answer.Content.ReadAsStringAsync());
        return (answer.StatusCode.ToString(), string.Join(',', results.Select(r => r["statusCode"])), string.Join(',', results.Select(r => r["resourceBody"]?["n"]).Where(n => n is not null)));
    }

    private static async Task<HttpStatusCode> Execute(Container container, IEnumerable<JObject> items)
    {
        var batch = container.CreateTransactionalBatch(A);
        foreach (var item in items) { batch.CreateItem(item); }
        using var answer = await batch.ExecuteAsync();
        return answer.StatusCode;
    }

    private static async Task<HttpStatusCode> Status(Container container, JObject item) => await ItemTests.Status(() => container.CreateItemAsync(item, A));

    private static async Task<JObject> Read(Container container, string id) => (await container.ReadItemAsync<JObject>(id, A)).Resource;

    internal static JObject Item(string id, int n, string text = "") => ItemTests.Item(id, "a", ("n", n), ("text", text));

    internal static async Task<List<(string Id, int N)>> Numbers(Container container)
    {
        using var pages = container.GetItemQueryIterator<JObject>("SELECT * FROM c ORDER BY c.id", requestOptions: new QueryRequestOptions { PartitionKey = A });
        var found = new List<(string Id, int N)>();
        while (pages.HasMoreResults) { found.AddRange((await pages.ReadNextAsync()).Select(item => (item["id"]!.Value<string>()!, item["n"]!.Value<int>()))); }
        return found;
    }
}
