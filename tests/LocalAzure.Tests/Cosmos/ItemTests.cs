using System.Net;
using Microsoft.Azure.Cosmos;
using Newtonsoft.Json.Linq;

namespace LocalAzure.Tests.Cosmos;

public sealed class ItemTests(CosmosHost host) : IClassFixture<CosmosHost>
{
    [Fact]
    public async Task An_item_is_created_read_replaced_and_deleted()
    {
        var container = await host.NewContainer();
        var created = await container.CreateItemAsync(Item("1", "a", ("n", 1)), new PartitionKey("a"));
        created.StatusCode.Should().Be(HttpStatusCode.Created);
        created.RequestCharge.Should().BeGreaterThan(0);
        created.ETag.Should().NotBeNullOrEmpty();
        created.Headers.Session.Should().NotBeNullOrEmpty();

        var read = await container.ReadItemAsync<JObject>("1", new PartitionKey("a"));
        read.Resource["n"]!.Value<int>().Should().Be(1);
        read.Resource.Properties().Select(p => p.Name).Should().Contain(["_rid", "_self", "_etag", "_attachments", "_ts"]);
        read.ETag.Should().Be(created.ETag).And.Be(read.Resource["_etag"]!.Value<string>());

        var replaced = await container.ReplaceItemAsync(Item("1", "a", ("n", 2)), "1", new PartitionKey("a"));
        replaced.StatusCode.Should().Be(HttpStatusCode.OK);
        replaced.ETag.Should().NotBe(created.ETag);
        replaced.Resource["_rid"].Should().BeEquivalentTo(created.Resource["_rid"]);

        (await container.DeleteItemAsync<JObject>("1", new PartitionKey("a"))).StatusCode.Should().Be(HttpStatusCode.NoContent);
        (await Status(() => container.ReadItemAsync<JObject>("1", new PartitionKey("a")))).Should().Be(HttpStatusCode.NotFound);
        (await Status(() => container.DeleteItemAsync<JObject>("1", new PartitionKey("a")))).Should().Be(HttpStatusCode.NotFound);
        (await Status(() => container.ReplaceItemAsync(Item("1", "a"), "1", new PartitionKey("a")))).Should().Be(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task An_upsert_creates_and_then_replaces()
    {
        var container = await host.NewContainer();
        (await container.UpsertItemAsync(Item("1", "a"), new PartitionKey("a"))).StatusCode.Should().Be(HttpStatusCode.Created);
        (await container.UpsertItemAsync(Item("1", "a"), new PartitionKey("a"))).StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task An_item_of_another_partition_is_not_found()
    {
        var container = await host.NewContainer();
        await container.CreateItemAsync(Item("1", "a"), new PartitionKey("a"));
        (await Status(() => container.ReadItemAsync<JObject>("1", new PartitionKey("b")))).Should().Be(HttpStatusCode.NotFound);
        (await Status(() => container.DeleteItemAsync<JObject>("1", new PartitionKey("b")))).Should().Be(HttpStatusCode.NotFound);
        (await Status(() => container.CreateItemAsync(Item("1", "a"), new PartitionKey("b")))).Should().Be(HttpStatusCode.BadRequest);
        (await container.CreateItemAsync(Item("1", "b"), new PartitionKey("b"))).StatusCode.Should().Be(HttpStatusCode.Created);
    }

    [Fact]
    public async Task An_item_without_the_partition_key_lives_in_the_undefined_partition()
    {
        var container = await host.NewContainer("/tenant/id");
        await container.CreateItemAsync(new JObject { ["id"] = "1" }, PartitionKey.None);
        await container.CreateItemAsync(new JObject { ["id"] = "1", ["tenant"] = new JObject { ["id"] = null } }, PartitionKey.Null);
        await container.CreateItemAsync(new JObject { ["id"] = "1", ["tenant"] = new JObject { ["id"] = 12.5 } }, new PartitionKey(12.5));
        (await container.ReadItemAsync<JObject>("1", PartitionKey.None)).Resource.ContainsKey("tenant").Should().BeFalse();
        (await container.ReadItemAsync<JObject>("1", new PartitionKey(12.5))).Resource["tenant"]!["id"]!.Value<double>().Should().Be(12.5);
    }

    [Fact]
    public async Task A_stale_etag_is_refused_with_412()
    {
        var container = await host.NewContainer();
        var first = await container.CreateItemAsync(Item("1", "a"), new PartitionKey("a"));
        await container.ReplaceItemAsync(Item("1", "a"), "1", new PartitionKey("a"), new ItemRequestOptions { IfMatchEtag = first.ETag });
        var stale = new ItemRequestOptions { IfMatchEtag = first.ETag };
        (await Status(() => container.ReplaceItemAsync(Item("1", "a"), "1", new PartitionKey("a"), stale))).Should().Be(HttpStatusCode.PreconditionFailed);
        (await Status(() => container.UpsertItemAsync(Item("1", "a"), new PartitionKey("a"), stale))).Should().Be(HttpStatusCode.PreconditionFailed);
        (await Status(() => container.DeleteItemAsync<JObject>("1", new PartitionKey("a"), stale))).Should().Be(HttpStatusCode.PreconditionFailed);
    }

    [Fact]
    public async Task A_read_with_the_current_etag_answers_304()
    {
        var container = await host.NewContainer();
        var item = await container.CreateItemAsync(Item("1", "a"), new PartitionKey("a"));
        using var same = await container.ReadItemStreamAsync("1", new PartitionKey("a"), new ItemRequestOptions { IfNoneMatchEtag = item.ETag });
        same.StatusCode.Should().Be(HttpStatusCode.NotModified);
        using var other = await container.ReadItemStreamAsync("1", new PartitionKey("a"), new ItemRequestOptions { IfNoneMatchEtag = "\"other\"" });
        other.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Of_fifty_parallel_creates_of_one_id_one_succeeds()
    {
        var container = await host.NewContainer();
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Status(() => container.CreateItemAsync(Item("1", "a", ("n", i)), new PartitionKey("a")))));
        answers.Count(a => a == HttpStatusCode.Created).Should().Be(1);
        answers.Count(a => a == HttpStatusCode.Conflict).Should().Be(49);
    }

    [Fact]
    public async Task Of_parallel_replaces_with_one_etag_one_succeeds()
    {
        var container = await host.NewContainer();
        var item = await container.CreateItemAsync(Item("1", "a"), new PartitionKey("a"));
        var condition = new ItemRequestOptions { IfMatchEtag = item.ETag };
        var answers = await Task.WhenAll(Enumerable.Range(0, 30).Select(i => Status(() => container.ReplaceItemAsync(Item("1", "a", ("n", i)), "1", new PartitionKey("a"), condition))));
        answers.Count(a => a == HttpStatusCode.OK).Should().Be(1);
        answers.Count(a => a == HttpStatusCode.PreconditionFailed).Should().Be(29);
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("a?b")]
    [InlineData("a#b")]
    [InlineData("")]
    [InlineData("ends with space ")]
    public async Task An_id_that_cannot_be_addressed_is_refused(string id)
    {
        var container = await host.NewContainer();
        using var body = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(Item(id, "a").ToString()));
        using var answer = await container.CreateItemStreamAsync(body, new PartitionKey("a"));
        answer.StatusCode.Should().Be(HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData("email:ada@example.org")]
    [InlineData("100% naïve + plus & more ümläut 🙂")]
    public async Task An_id_with_unusual_characters_is_found_again(string id)
    {
        var container = await host.NewContainer();
        await container.CreateItemAsync(Item(id, id), new PartitionKey(id));
        (await container.ReadItemAsync<JObject>(id, new PartitionKey(id))).Resource["id"]!.Value<string>().Should().Be(id);
    }

    [Fact]
    public async Task An_item_above_two_megabytes_is_refused_with_413()
    {
        var container = await host.NewContainer();
        var large = Item("1", "a", ("text", new string('x', 2 * 1024 * 1024)));
        (await Status(() => container.CreateItemAsync(large, new PartitionKey("a")))).Should().Be(HttpStatusCode.RequestEntityTooLarge);
    }

    [Fact]
    public async Task A_unique_key_holds_within_its_partition()
    {
        var container = await host.NewContainer(configure: p => p.UniqueKeyPolicy = new UniqueKeyPolicy { UniqueKeys = { new UniqueKey { Paths = { "/email" } } } });
        await container.CreateItemAsync(Item("1", "a", ("email", "x")), new PartitionKey("a"));
        (await Status(() => container.CreateItemAsync(Item("2", "a", ("email", "x")), new PartitionKey("a")))).Should().Be(HttpStatusCode.Conflict);
        (await Status(() => container.CreateItemAsync(Item("2", "b", ("email", "x")), new PartitionKey("b")))).Should().Be(HttpStatusCode.Created);
        (await Status(() => container.ReplaceItemAsync(Item("1", "a", ("email", "y")), "1", new PartitionKey("a")))).Should().Be(HttpStatusCode.OK);
        (await Status(() => container.CreateItemAsync(Item("3", "a", ("email", "x")), new PartitionKey("a")))).Should().Be(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Without_content_response_a_write_answers_its_etag_only()
    {
        var container = await host.NewContainer();
        var answer = await container.CreateItemAsync(Item("1", "a"), new PartitionKey("a"), new ItemRequestOptions { EnableContentResponseOnWrite = false });
        answer.Resource.Should().BeNull();
        answer.ETag.Should().NotBeNullOrEmpty();
    }

    [LocalFact]
    public async Task Items_survive_a_restart()
    {
        // Its own host: a restart would pull the floor from under the tests that run beside this one.
        var own = new CosmosHost();
        await own.InitializeAsync();
        try
        {
            var container = await own.NewContainer();
            var kept = await container.CreateItemAsync(Item("1", "a", ("n", 1)), new PartitionKey("a"));
            await container.CreateItemAsync(Item("2", "a"), new PartitionKey("a"));
            await container.DeleteItemAsync<JObject>("2", new PartitionKey("a"));
            await own.Restart();
            container = own.Database.GetContainer(container.Id);
            (await container.ReadItemAsync<JObject>("1", new PartitionKey("a"))).ETag.Should().Be(kept.ETag);
            (await Status(() => container.ReadItemAsync<JObject>("2", new PartitionKey("a")))).Should().Be(HttpStatusCode.NotFound);
        }
        finally { await own.DisposeAsync(); }
    }

    internal static JObject Item(string id, string partition, params (string Name, JToken Value)[] more)
    {
        var item = new JObject { ["id"] = id, ["pk"] = partition };
        foreach (var (name, value) in more) { item[name] = value; }
        return item;
    }

    internal static async Task<HttpStatusCode> Status<T>(Func<Task<ItemResponse<T>>> call)
    {
        try { return (await call()).StatusCode; }
        catch (CosmosException refused) { return refused.StatusCode; }
    }
}
