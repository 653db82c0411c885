using System.Net;
using Microsoft.Azure.Cosmos;
using Newtonsoft.Json.Linq;

namespace LocalAzure.Tests.Cosmos;

public sealed class LifetimeTests(CosmosHost host) : IClassFixture<CosmosHost>
{
    [LocalFact]
    public async Task An_item_ends_with_its_time_to_live_by_the_test_clock()
    {
        var container = await host.NewContainer(configure: p => p.DefaultTimeToLive = 1000);
        await container.CreateItemAsync(ItemTests.Item("default", "a"), new PartitionKey("a"));
        await container.CreateItemAsync(ItemTests.Item("short", "a", ("ttl", 10)), new PartitionKey("a"));
        await container.CreateItemAsync(ItemTests.Item("for ever", "a", ("ttl", -1)), new PartitionKey("a"));
        (await Ids(container)).Should().BeEquivalentTo("default", "short", "for ever");

        host.Clock.Advance(TimeSpan.FromSeconds(11));
        (await Ids(container)).Should().BeEquivalentTo("default", "for ever");
        (await ItemTests.Status(() => container.ReadItemAsync<JObject>("short", new PartitionKey("a")))).Should().Be(HttpStatusCode.NotFound);
        (await ItemTests.Status(() => container.CreateItemAsync(ItemTests.Item("short", "a"), new PartitionKey("a")))).Should().Be(HttpStatusCode.Created);

        host.Clock.Advance(TimeSpan.FromSeconds(1001));
        (await Ids(container)).Should().Equal("for ever");
        (await QueryTests.Rows(container.GetItemQueryIterator<int>("SELECT VALUE COUNT(1) FROM c"))).Should().Equal(1);
    }

    [LocalFact]
    public async Task Without_a_default_a_ttl_is_just_a_property()
    {
        var container = await host.NewContainer();
        await container.CreateItemAsync(ItemTests.Item("1", "a", ("ttl", 1)), new PartitionKey("a"));
        host.Clock.Advance(TimeSpan.FromHours(1));
        (await Ids(container)).Should().Equal("1");
    }

    [LocalFact]
    public async Task An_invalid_ttl_is_refused()
    {
        var container = await host.NewContainer(configure: p => p.DefaultTimeToLive = -1);
        (await ItemTests.Status(() => container.CreateItemAsync(ItemTests.Item("1", "a", ("ttl", 0)), new PartitionKey("a")))).Should().Be(HttpStatusCode.BadRequest);
        (await ItemTests.Status(() => container.CreateItemAsync(ItemTests.Item("1", "a", ("ttl", "1")), new PartitionKey("a")))).Should().Be(HttpStatusCode.BadRequest);
    }

    [LocalFact]
    public async Task The_change_feed_gives_every_item_once_at_its_last_change()
    {
        var container = await host.NewContainer();
        for (var i = 0; i < 7; i++) { await container.CreateItemAsync(ItemTests.Item($"{i}", i % 2 == 0 ? "a" : "b", ("v", 1)), new PartitionKey(i % 2 == 0 ? "a" : "b")); }
        await container.ReplaceItemAsync(ItemTests.Item("2", "a", ("v", 2)), "2", new PartitionKey("a"));
        await container.DeleteItemAsync<JObject>("4", new PartitionKey("a"));

        var (changes, token) = await Changes(container, ChangeFeedStartFrom.Beginning());
        changes.Select(c => c["id"]!.Value<string>()).Should().Equal("0", "1", "3", "5", "6", "2");
        changes[^1]["v"]!.Value<int>().Should().Be(2);
        changes[^1]["_lsn"].Should().NotBeNull();

        await container.CreateItemAsync(ItemTests.Item("new", "b"), new PartitionKey("b"));
        (await Changes(container, ChangeFeedStartFrom.ContinuationToken(token))).Items.Select(c => c["id"]!.Value<string>()).Should().Equal("new");
        (await Changes(container, ChangeFeedStartFrom.Now())).Items.Should().BeEmpty();
        var ofOne = await Changes(container, ChangeFeedStartFrom.Beginning(FeedRange.FromPartitionKey(new PartitionKey("b"))));
        ofOne.Items.Select(c => c["id"]!.Value<string>()).Should().Equal("1", "3", "5", "new");
    }

    [LocalFact]
    public async Task Throughput_is_read_changed_and_kept_to()
    {
        var container = await host.NewContainer(throughput: 400);
        (await container.ReadThroughputAsync()).Should().Be(400);
        var answers = await Task.WhenAll(Enumerable.Range(0, 300).Select(i => ItemTests.Status(() => container.CreateItemAsync(ItemTests.Item($"{i}", "a"), new PartitionKey("a")))));
        answers.Should().Contain(HttpStatusCode.TooManyRequests);
        await container.ReplaceThroughputAsync(50_000);
        (await container.ReadThroughputAsync()).Should().Be(50_000);

        using var patient = host.NewClient(o => o.MaxRetryAttemptsOnRateLimitedRequests = 9);
        var patiently = patient.GetContainer(host.Database.Id, container.Id);
        await Task.WhenAll(Enumerable.Range(0, 300).Select(i => patiently.UpsertItemAsync(ItemTests.Item($"{i}", "a"), new PartitionKey("a"))));
        (await QueryTests.Rows(patiently.GetItemQueryIterator<int>("SELECT VALUE COUNT(1) FROM c"))).Should().Equal(300);
    }

    [LocalFact]
    public async Task A_throttled_request_says_when_to_come_again()
    {
        var container = await host.NewContainer(throughput: 400);
        CosmosException? refused = null;
        while (refused is null)
        {
            try { await container.UpsertItemAsync(ItemTests.Item("1", "a", ("text", new string('x', 100_000))), new PartitionKey("a")); }
            catch (CosmosException e) when (e.StatusCode == HttpStatusCode.TooManyRequests) { refused = e; }
        }
        refused.SubStatusCode.Should().Be(3200);
        refused.RetryAfter.Should().BePositive().And.BeLessThanOrEqualTo(TimeSpan.FromSeconds(1));
    }

    private static async Task<List<string>> Ids(Container container) =>
        await QueryTests.Rows(container.GetItemQueryIterator<string>("SELECT VALUE c.id FROM c"));

    private static async Task<(List<JObject> Items, string Token)> Changes(Container container, ChangeFeedStartFrom start)
    {
        var pages = container.GetChangeFeedIterator<JObject>(start, ChangeFeedMode.LatestVersion, new ChangeFeedRequestOptions { PageSizeHint = 2 });
        var items = new List<JObject>();
        while (true)
        {
            var page = await pages.ReadNextAsync();
            if (page.StatusCode == HttpStatusCode.NotModified) { return (items, page.ContinuationToken); }
            items.AddRange(page);
        }
    }
}
