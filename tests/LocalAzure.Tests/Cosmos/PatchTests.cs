using System.Net;
using Microsoft.Azure.Cosmos;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace LocalAzure.Tests.Cosmos;

public sealed class PatchTests(CosmosHost host) : IClassFixture<CosmosHost>
{
    private const string Before = """{"id":"1","pk":"a","n":1,"o":{"x":1},"list":[1,2,3],"text":"t"}""";

    public static TheoryData<PatchOperation, string?> Operations => new()
    {
        { PatchOperation.Add("/new", 5), """{"new":5}""" },
        { PatchOperation.Add("/o/y", "z"), """{"o":{"x":1,"y":"z"}}""" },
        { PatchOperation.Add("/list/1", 9), """{"list":[1,9,2,3]}""" },
        { PatchOperation.Add("/list/-", 9), """{"list":[1,2,3,9]}""" },
        { PatchOperation.Add("/absent/y", 1), null },
        { PatchOperation.Set("/n", 7), """{"n":7}""" },
        { PatchOperation.Set("/list/1", 9), """{"list":[1,9,3]}""" },
        { PatchOperation.Set<string?>("/n", null), """{"n":null}""" },
        { PatchOperation.Replace("/n", 7), """{"n":7}""" },
        { PatchOperation.Replace("/absent", 7), null },
        { PatchOperation.Remove("/o/x"), """{"o":{}}""" },
        { PatchOperation.Remove("/list/0"), """{"list":[2,3]}""" },
        { PatchOperation.Remove("/absent"), null },
        { PatchOperation.Increment("/n", 5), """{"n":6}""" },
        { PatchOperation.Increment("/absent", 2), """{"absent":2}""" },
        { PatchOperation.Increment("/text", 2), null },
        { PatchOperation.Move("/o", "/moved"), """{"moved":{"x":1}}""" },
        { PatchOperation.Set("/id", "2"), null },
        { PatchOperation.Set("/pk", "b"), null },
        { PatchOperation.Set("/_etag", "b"), null },
    };

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task An_operation_changes_what_it_names_or_is_refused(PatchOperation operation, string? changed)
    {
        var container = await host.NewContainer();
        await container.CreateItemAsync(JObject.Parse(Before), new PartitionKey("a"));
        if (changed is null)
        {
            (await ItemTests.Status(() => container.PatchItemAsync<JObject>("1", new PartitionKey("a"), [operation]))).Should().Be(HttpStatusCode.BadRequest);
            return;
        }
        var patched = (await container.PatchItemAsync<JObject>("1", new PartitionKey("a"), [operation])).Resource;
        foreach (var (name, value) in JObject.Parse(changed))
        {
            patched[name]?.ToString(Formatting.None).Should().Be(value!.ToString(Formatting.None));
        }
        if (operation.OperationType == PatchOperationType.Move) { patched.ContainsKey("o").Should().BeFalse(); }
    }

    [Fact]
    public async Task A_refused_operation_leaves_nothing_of_the_patch()
    {
        var container = await host.NewContainer();
        await container.CreateItemAsync(JObject.Parse(Before), new PartitionKey("a"));
        var patch = () => container.PatchItemAsync<JObject>("1", new PartitionKey("a"), [PatchOperation.Set("/n", 7), PatchOperation.Remove("/absent")]);
        (await patch.Should().ThrowAsync<CosmosException>()).Which.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await container.ReadItemAsync<JObject>("1", new PartitionKey("a"))).Resource["n"]!.Value<int>().Should().Be(1);
    }

    [Fact]
    public async Task A_condition_that_does_not_hold_is_refused_with_412()
    {
        var container = await host.NewContainer();
        await container.CreateItemAsync(JObject.Parse(Before), new PartitionKey("a"));
        Task<ItemResponse<JObject>> Patch(string condition) =>
            container.PatchItemAsync<JObject>("1", new PartitionKey("a"), [PatchOperation.Increment("/n", 1)], new PatchItemRequestOptions { FilterPredicate = condition });
        (await Patch("from c where c.n = 1")).Resource["n"]!.Value<int>().Should().Be(2);
        var second = () => Patch("from c where c.n = 1");
        (await second.Should().ThrowAsync<CosmosException>()).Which.StatusCode.Should().Be(HttpStatusCode.PreconditionFailed);
    }

    [Fact]
    public async Task Operations_may_come_without_a_wrapping()
    {
        var container = await host.NewContainer();
        await container.CreateItemAsync(JObject.Parse(Before), new PartitionKey("a"));
        using var http = host.NewHttp();
        using var request = new HttpRequestMessage(HttpMethod.Patch, $"dbs/{host.Database.Id}/colls/{container.Id}/docs/1");
        host.Authorize(request);
        request.Headers.TryAddWithoutValidation("x-ms-documentdb-partitionkey", """["a"]""");
        request.Content = new StringContent("""[{"op":"incr","path":"/n","value":4}]""");
        using var answer = await http.SendAsync(request);
        answer.StatusCode.Should().Be(HttpStatusCode.OK);
        JObject.Parse(await answer.Content.ReadAsStringAsync())["n"]!.Value<int>().Should().Be(5);
    }

    [Fact]
    public async Task Parallel_increments_all_count()
    {
        var container = await host.NewContainer();
        await container.CreateItemAsync(JObject.Parse(Before), new PartitionKey("a"));
        await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => container.PatchItemAsync<JObject>("1", new PartitionKey("a"), [PatchOperation.Increment("/n", 1)])));
        (await container.ReadItemAsync<JObject>("1", new PartitionKey("a"))).Resource["n"]!.Value<int>().Should().Be(41);
    }
}
