using System.Net;
using System.Text;
using LocalAzure.Tests.Cosmos;
using Microsoft.Azure.Cosmos;
using Microsoft.Azure.Cosmos.Linq;
using Newtonsoft.Json.Linq;

namespace LocalAzure.Tests.Sdks;

/// <summary>Every operation of <see cref="CosmosClient"/>, <see cref="Database"/> and <see cref="Container"/> but scripts, which have a session of their own.</summary>
internal sealed class CosmosSession(Session session, SdkHost host)
{
    private static readonly PartitionKey A = new("a");

    private readonly CosmosClient client = host.Cosmos;

    public async Task Play()
    {
        await Account();
        var database = session.Local(client, c => c.GetDatabase("sdk"));
        await Containers(database);
        var container = session.Local(client, c => c.GetContainer("sdk", "things"));
        await Items(container);
        await ItemStreams(container);
        await Queries(container);
        await Batches(container);
        await Bulk();
        await ChangeFeed(database, container);
        await Processors(database, container);
        await Deletion(container);
        await Refusals(database, container);
        await new CosmosScriptsSession(session, container.Scripts).Play();
        await Deletions(database, container);
        using var last = host.NewCosmos();
        session.Local(last, c => { c.Dispose(); return true; });
    }

    private async Task Account()
    {
        (await session.Ok(client, c => c.ReadAccountAsync())).Consistency.DefaultConsistencyLevel.Should().Be(ConsistencyLevel.Session);
        (await session.Ok(client, c => c.CreateDatabaseAsync("sdk"))).StatusCode.Should().Be(HttpStatusCode.Created);
        (await session.Ok(client, c => c.CreateDatabaseIfNotExistsAsync("sdk"))).StatusCode.Should().Be(HttpStatusCode.OK);
        using var stream = await session.Ok(client, c => c.CreateDatabaseStreamAsync(new DatabaseProperties("sdk-stream")));
        (await session.All(client, c => c.GetDatabaseQueryIterator<DatabaseProperties>())).Select(d => d.Id).Should().Contain("sdk").And.Contain("sdk-stream");
        var one = await session.All(client, c => c.GetDatabaseQueryStreamIterator("SELECT * FROM d WHERE d.id = 'sdk'"));
        one.Should().ContainSingle();
        using var deleted = await session.Ok(client.GetDatabase("sdk-stream"), d => d.DeleteStreamAsync());
    }

    private async Task Containers(Database database)
    {
        (await session.Ok(database, d => d.ReadAsync())).Resource.Id.Should().Be("sdk");
        using var read = await session.Ok(database, d => d.ReadStreamAsync());
        await session.Ok(database, d => d.CreateContainerAsync("things", "/pk", throughput: 1000));
        (await session.Ok(database, d => d.CreateContainerIfNotExistsAsync("things", "/pk"))).StatusCode.Should().Be(HttpStatusCode.OK);
        using var created = await session.Ok(database, d => d.CreateContainerStreamAsync(new ContainerProperties("streamed", "/pk")));
        var builder = session.Local(database, d => d.DefineContainer("defined", "/pk"));
        session.Local(builder, b => b.WithUniqueKey()).Path("/name").Attach();
        session.Local(builder, b => b.WithConflictResolution()).WithLastWriterWinsResolution("/_ts").Attach();
        session.Local(builder, b => b.Build()).UniqueKeyPolicy.UniqueKeys.Should().ContainSingle();
        await session.Ok(builder, b => b.CreateAsync());
        (await session.Ok(builder, b => b.CreateIfNotExistsAsync())).StatusCode.Should().Be(HttpStatusCode.OK);

        string[] all = ["defined", "streamed", "things"];
        (await session.All(database, d => d.GetContainerQueryIterator<ContainerProperties>())).Select(c => c.Id).Should().BeEquivalentTo(all);
        (await session.All(database, d => d.GetContainerQueryStreamIterator())).Should().HaveCount(3);

        var container = session.Local(database, d => d.GetContainer("things"));
        var properties = (await session.Ok(container, c => c.ReadContainerAsync())).Resource;
        properties.PartitionKeyPath.Should().Be("/pk");
        using var streamed = await session.Ok(container, c => c.ReadContainerStreamAsync());
        properties.DefaultTimeToLive = -1;
        (await session.Ok(container, c => c.ReplaceContainerAsync(properties))).Resource.DefaultTimeToLive.Should().Be(-1);
        using var replaced = await session.Ok(container, c => c.ReplaceContainerStreamAsync(properties));
        (await session.Ok(container, c => c.ReadThroughputAsync())).Should().Be(1000);
        (await session.Ok(container, c => c.ReplaceThroughputAsync(10_000))).Resource.Throughput.Should().Be(10_000);
        (await session.Ok(container, c => c.GetFeedRangesAsync())).Should().NotBeEmpty();
        (await session.Ok(database, d => d.ReadThroughputAsync())).Should().BeNull("the throughput is the containers'");
    }

    private async Task Items(Container container)
    {
        var created = await session.Ok(container, c => c.CreateItemAsync(ItemTests.Item("1", "a", ("n", 1)), A));
        created.StatusCode.Should().Be(HttpStatusCode.Created);
        (await session.Ok(container, c => c.ReadItemAsync<JObject>("1", A))).ETag.Should().Be(created.ETag);
        (await session.Ok(container, c => c.UpsertItemAsync(ItemTests.Item("2", "a", ("n", 2)), A))).StatusCode.Should().Be(HttpStatusCode.Created);
        (await session.Ok(container, c => c.ReplaceItemAsync(ItemTests.Item("2", "a", ("n", 3)), "2", A))).Resource.Value<int>("n").Should().Be(3);
        (await session.Ok(container, c => c.PatchItemAsync<JObject>("2", A, [PatchOperation.Increment("/n", 4)]))).Resource.Value<int>("n").Should().Be(7);
        var many = await session.Ok(container, c => c.ReadManyItemsAsync<JObject>([("1", A), ("2", A), ("absent", A)]));
        many.Select(item => item.Value<int>("n")).Should().BeEquivalentTo([1, 7]);
        (await session.Ok(container, c => c.DeleteItemAsync<JObject>("2", A))).StatusCode.Should().Be(HttpStatusCode.NoContent);
    }

    private async Task ItemStreams(Container container)
    {
        using var created = await session.Ok(container, c => c.CreateItemStreamAsync(Json("""{"id":"s","pk":"a","n":1}"""), A));
        created.StatusCode.Should().Be(HttpStatusCode.Created);
        using var read = await session.Ok(container, c => c.ReadItemStreamAsync("s", A));
        using var upserted = await session.Ok(container, c => c.UpsertItemStreamAsync(Json("""{"id":"s","pk":"a","n":2}"""), A));
        upserted.StatusCode.Should().Be(HttpStatusCode.OK);
        using var replaced = await session.Ok(container, c => c.ReplaceItemStreamAsync(Json("""{"id":"s","pk":"a","n":3}"""), "s", A));
        using var patched = await session.Ok(container, c => c.PatchItemStreamAsync("s", A, [PatchOperation.Set("/n", 4)]));
        (await Body(patched)).Value<int>("n").Should().Be(4);
        using var many = await session.Ok(container, c => c.ReadManyItemsStreamAsync([("1", A), ("s", A)]));
        (await Body(many))["Documents"]!.Should().HaveCount(2);
        using var deleted = await session.Ok(container, c => c.DeleteItemStreamAsync("s", A));
        deleted.StatusCode.Should().Be(HttpStatusCode.NoContent);
    }

    private async Task Queries(Container container)
    {
        foreach (var n in Enumerable.Range(2, 4)) { await container.CreateItemAsync(ItemTests.Item($"{n}", n % 2 == 0 ? "a" : "b", ("n", n))); }
        var page = new QueryRequestOptions { MaxItemCount = 2 };
        (await session.All(container, c => c.GetItemQueryIterator<int>("SELECT VALUE c.n FROM c ORDER BY c.n DESC", null, page))).Should().Equal(5, 4, 3, 2, 1);
        (await session.All(container, c => c.GetItemQueryStreamIterator("SELECT * FROM c WHERE c.n > 2", null, page))).Should().HaveCount(3);
        (await session.All(container, c => c.GetItemQueryIterator<int>("SELECT VALUE SUM(c.n) FROM c"))).Should().Equal(15);
        var linq = session.Local(container, c => c.GetItemLinqQueryable<Dictionary<string, object>>()).Where(item => (int)item["n"] > 3);
        (await session.All(linq, q => q.ToFeedIterator())).Should().HaveCount(2);
    }

    private async Task Batches(Container container)
    {
        var batch = session.Local(container, c => c.CreateTransactionalBatch(A));
        session.Local(batch, b => b.CreateItem(ItemTests.Item("b1", "a")));
        session.Local(batch, b => b.CreateItemStream(Json("""{"id":"b2","pk":"a"}""")));
        session.Local(batch, b => b.UpsertItem(ItemTests.Item("b1", "a")));
        session.Local(batch, b => b.UpsertItemStream(Json("""{"id":"b2","pk":"a"}""")));
        session.Local(batch, b => b.ReplaceItem("b1", ItemTests.Item("b1", "a")));
        session.Local(batch, b => b.ReplaceItemStream("b2", Json("""{"id":"b2","pk":"a"}""")));
        session.Local(batch, b => b.PatchItem("b1", [PatchOperation.Set("/n", 1)]));
        session.Local(batch, b => b.ReadItem("b1"));
        session.Local(batch, b => b.DeleteItem("b1"));
        using var answer = await session.Ok(batch, b => b.ExecuteAsync());
        answer.IsSuccessStatusCode.Should().BeTrue(answer.ErrorMessage);
        answer.Should().HaveCount(9);
    }

    private async Task Bulk()
    {
        using var bulk = host.NewCosmos(bulk: true);
        (await bulk.GetContainer("sdk", "things").CreateItemAsync(ItemTests.Item("bulk", "a"), A)).StatusCode.Should().Be(HttpStatusCode.Created);
    }

    private async Task ChangeFeed(Database database, Container container)
    {
        var start = ChangeFeedStartFrom.Beginning();
        var all = await session.All(container, c => c.GetChangeFeedIterator<JObject>(start, ChangeFeedMode.LatestVersion));
        all.Select(item => item.Value<string>("id")).Should().BeEquivalentTo("1", "2", "3", "4", "5", "b2", "bulk");
        (await session.All(container, c => c.GetChangeFeedStreamIterator(start, ChangeFeedMode.LatestVersion))).Should().HaveCount(Given.Expected);
        await session.Refused(
            container,
            "the change feed mode 'Full-Fidelity Feed'",
            c => c.GetChangeFeedStreamIterator(ChangeFeedStartFrom.Now(), ChangeFeedMode.AllVersionsAndDeletes).ReadNextAsync());
        (await database.CreateContainerAsync("leases", "/id")).StatusCode.Should().Be(HttpStatusCode.Created);
    }

    /// <summary>Processors poll: each is waited for until it was given the container's items.</summary>
    private async Task Processors(Database database, Container container)
    {
        var leases = database.GetContainer("leases");
        var given = new Given();
        await Run(session.Local(container, c => c.GetChangeFeedProcessorBuilder<JObject>("typed", (_, items, _) => given.Take(items.Count))), leases, given);
        await Run(
            session.Local(
                container,
                c => c.GetChangeFeedProcessorBuilderWithManualCheckpoint<JObject>("manual", (_, items, checkpoint, _) => Checkpoint(items.Count, checkpoint))),
            leases,
            given = new Given());

        var estimator = session.Local(container, c => c.GetChangeFeedEstimator("typed", leases));
        (await session.All(estimator, e => e.GetCurrentStateIterator())).Sum(state => state.EstimatedLag).Should().Be(0);
        var lag = new Given();
        await Run(session.Local(container, c => c.GetChangeFeedEstimatorBuilder("typed", (left, _) => lag.Take(left == 0 ? Given.Expected : 0))), leases, lag);

        await session.Refused(container, "the change feed mode 'Full-Fidelity Feed'", async c =>
        {
            var failed = new TaskCompletionSource();
            var builder = session.Local(c, x => x.GetChangeFeedProcessorBuilderWithAllVersionsAndDeletes<JObject>("versions", (_, _, _) => Task.CompletedTask));
            builder.WithErrorNotification((_, why) => { failed.TrySetException(why); return Task.CompletedTask; });
            await Run(builder, leases, failed.Task, isFromBeginning: false);
        }, "c => c.GetChangeFeedProcessorBuilderWithAllVersionsAndDeletes");

        async Task Checkpoint(int count, Func<Task> checkpoint)
        {
            await checkpoint();
            await given.Take(count);
        }
    }

    private Task Run(ChangeFeedProcessorBuilder builder, Container leases, Given given) => Run(builder, leases, given.All);

    private async Task Run(ChangeFeedProcessorBuilder builder, Container leases, Task until, bool isFromBeginning = true)
    {
        builder.WithInstanceName("sdk").WithLeaseContainer(leases).WithPollInterval(TimeSpan.FromMilliseconds(50));
        if (isFromBeginning) { builder.WithStartTime(DateTime.UnixEpoch); }
        var processor = builder.Build();
        await session.Ok(processor, p => p.StartAsync());
        try { await until.WaitAsync(TimeSpan.FromSeconds(60)); }
        finally { await session.Ok(processor, p => p.StopAsync()); }
    }

    private async Task Deletion(Container container)
    {
        using var deleted = await session.Ok(container, c => c.DeleteAllItemsByPartitionKeyStreamAsync(A));
        (await session.All(container, c => c.GetItemQueryIterator<string>("SELECT DISTINCT VALUE c.pk FROM c"))).Should().Equal("b");
    }

    private async Task Refusals(Database database, Container container)
    {
        var conflicts = container.Conflicts;
        var conflict = JObject.Parse("""{"id":"conflict"}""").ToObject<ConflictProperties>()!;
        await session.Refused(conflicts, "the conflicts feed", c => c.GetConflictQueryIterator<ConflictProperties>().ReadNextAsync());
        await session.Refused(conflicts, "the conflicts feed", c => c.GetConflictQueryStreamIterator().ReadNextAsync());
        await session.Refused(conflicts, "the conflicts feed", c => c.DeleteAsync(conflict, A));
        var shared = () => session.Ok(database, d => d.ReplaceThroughputAsync(1000));
        (await shared.Should().ThrowAsync<CosmosException>()).Which.StatusCode.Should().Be(HttpStatusCode.NotFound, "the throughput is the containers'");
        await Users(database);
        await EncryptionKeys(database);
    }

    private async Task Users(Database database)
    {
        const string Feature = "users and permissions";
        var user = session.Local(database, d => d.GetUser("someone"));
        var permission = session.Local(user, u => u.GetPermission("reads"));
        var reads = new PermissionProperties("reads", PermissionMode.Read, database.GetContainer("things"));
        await session.Refused(database, Feature, d => d.CreateUserAsync("someone"));
        await session.Refused(database, Feature, d => d.UpsertUserAsync("someone"));
        await session.Refused(database, Feature, d => d.GetUserQueryIterator<UserProperties>().ReadNextAsync());
        await session.Refused(user, Feature, u => u.ReadAsync());
        await session.Refused(user, Feature, u => u.ReplaceAsync(new UserProperties("someone")));
        await session.Refused(user, Feature, u => u.DeleteAsync());
        await session.Refused(user, Feature, u => u.CreatePermissionAsync(reads));
        await session.Refused(user, Feature, u => u.UpsertPermissionAsync(reads));
        await session.Refused(user, Feature, u => u.GetPermissionQueryIterator<PermissionProperties>().ReadNextAsync());
        await session.Refused(permission, Feature, p => p.ReadAsync());
        await session.Refused(permission, Feature, p => p.ReplaceAsync(reads));
        await session.Refused(permission, Feature, p => p.DeleteAsync());
    }

    private async Task EncryptionKeys(Database database)
    {
        const string Feature = "client encryption keys";
        var properties = new ClientEncryptionKeyProperties(
            "key", "AEAD_AES_256_CBC_HMAC_SHA256", [1, 2, 3], new EncryptionKeyWrapMetadata("type", "name", "value", "RSA-OAEP"));
        var key = session.Local(database, d => d.GetClientEncryptionKey("key"));
        await session.Refused(database, Feature, d => d.CreateClientEncryptionKeyAsync(properties));
        await session.Refused(database, Feature, d => d.GetClientEncryptionKeyQueryIterator(new QueryDefinition("SELECT * FROM k")).ReadNextAsync());
        await session.Refused(key, Feature, k => k.ReadAsync());
        await session.Refused(key, Feature, k => k.ReplaceAsync(properties));
    }

    private async Task Deletions(Database database, Container container)
    {
        using var streamed = await session.Ok(database.GetContainer("streamed"), c => c.DeleteContainerStreamAsync());
        await session.Ok(container, c => c.DeleteContainerAsync());
        var read = await session.Ok(database, d => d.DeleteAsync());
        read.StatusCode.Should().Be(HttpStatusCode.NoContent);
    }

    private static MemoryStream Json(string json) => new(Encoding.UTF8.GetBytes(json));

    private static async Task<JObject> Body(ResponseMessage message)
    {
        using var reader = new StreamReader(message.Content);
        return JObject.Parse(await reader.ReadToEndAsync());
    }

    /// <summary>Counts what a processor is given until it has everything.</summary>
    private sealed class Given
    {
        public const int Expected = 7;
        private readonly TaskCompletionSource all = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int count;

        public Task All => all.Task;

        public Task Take(int items)
        {
            if (Interlocked.Add(ref count, items) >= Expected) { all.TrySetResult(); }
            return Task.CompletedTask;
        }
    }
}
