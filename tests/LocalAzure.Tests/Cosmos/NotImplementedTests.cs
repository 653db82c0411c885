using System.Net;
using Newtonsoft.Json.Linq;

namespace LocalAzure.Tests.Cosmos;

/// <summary>What the emulator does not do, and that it says so by name instead of answering something.</summary>
public sealed class NotImplementedTests(CosmosHost host) : IClassFixture<CosmosHost>
{
    public static TheoryData<string, string, string?, string?, string> Requests => new()
    {
        { "POST", "/sprocs", null, "{}", "stored procedures" },
        { "POST", "/triggers", null, "{}", "triggers" },
        { "POST", "/udfs", null, "{}", "user-defined functions" },
        { "POST", "/docs", "x-ms-documentdb-pre-trigger-include: t", """{"id":"1"}""", "x-ms-documentdb-pre-trigger-include" },
        { "POST", "/docs", "x-ms-indexing-directive: Exclude", """{"id":"1"}""", "indexing directive" },
        { "POST", "/docs", "x-ms-documentdb-is-upsert: true|If-None-Match: *", """{"id":"1","pk":"a"}""", "If-None-Match on a write" },
        { "GET", "/docs", "A-IM: Full-Fidelity Feed", null, "change feed mode" },
        { "GET", "/docs", "x-ms-cosmos-start-epk: 00", null, "x-ms-cosmos-start-epk" },
        { "GET", "/conflicts", null, null, "conflicts" },
        { "GET", "/docs/1/attachments", null, null, "attachments" },
        { "DELETE", "/docs", null, null, "DELETE on items" },
    };

    public static TheoryData<string, string> Settings => new()
    {
        { """{"partitionKey":{"paths":["/a","/b"],"kind":"MultiHash"}}""", "hierarchical partition keys" },
        { """{"partitionKey":{"paths":["/a"],"kind":"Range"}}""", "partition keys of kind" },
        { """{"partitionKey":{"paths":["/a"]},"computedProperties":[{"name":"x","query":"SELECT VALUE 1"}]}""", "computedProperties" },
        { """{"partitionKey":{"paths":["/a"]},"vectorEmbeddingPolicy":{}}""", "vectorEmbeddingPolicy" },
        { """{"partitionKey":{"paths":["/a"]},"changeFeedPolicy":{}}""", "changeFeedPolicy" },
        { """{"partitionKey":{"paths":["/a"]},"indexingPolicy":{"indexingMode":"lazy"}}""", "indexing mode" },
        { """{"partitionKey":{"paths":["/a"]},"indexingPolicy":{"spatialIndexes":[{"path":"/x/*"}]}}""", "spatialIndexes" },
        { """{"partitionKey":{"paths":["/a"]},"conflictResolutionPolicy":{"mode":"Custom"}}""", "custom conflict resolution" },
    };

    [LocalTheory]
    [MemberData(nameof(Requests))]
    public async Task A_request_that_is_not_implemented_is_named_with_501(string method, string path, string? headers, string? body, string named)
    {
        var container = await host.NewContainer();
        await Refused(new HttpMethod(method), $"dbs/{host.Database.Id}/colls/{container.Id}{path}", headers, body, named);
    }

    [LocalTheory]
    [MemberData(nameof(Settings))]
    public async Task A_container_setting_that_is_not_implemented_is_named_with_501(string settings, string named)
    {
        var container = JObject.Parse(settings);
        container["id"] = $"c-{Guid.NewGuid():N}";
        await Refused(HttpMethod.Post, $"dbs/{host.Database.Id}/colls", null, container.ToString(), named);
        (await host.Database.GetContainer(container["id"]!.ToString()).ReadContainerStreamAsync()).StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    [LocalFact]
    public async Task Shared_and_autoscale_throughput_are_named_with_501()
    {
        await Refused(HttpMethod.Post, "dbs", "x-ms-offer-throughput: 400", """{"id":"shared"}""", "throughput shared by a database");
        await Refused(HttpMethod.Post, $"dbs/{host.Database.Id}/colls", "x-ms-cosmos-offer-autopilot-settings: {\"maxThroughput\":4000}", """{"id":"auto","partitionKey":{"paths":["/a"]}}""", "autoscale");
    }

    [LocalTheory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{"id":7}""")]
    [InlineData("""{"id":"1","id":"2"}""")]
    [InlineData("""{"pk":"a"}""")]
    [InlineData("""{"id":"1","pk":"a","n":1e999}""")]
    [InlineData("""{"id":"1","pk":"a","t":"\ud800"}""")]
    [InlineData("""{"id":"\ud800","pk":"a"}""")]
    public async Task A_body_that_is_no_item_is_refused_with_400(string body)
    {
        var container = await host.NewContainer();
        using var answer = await host.Send(HttpMethod.Post, $"dbs/{host.Database.Id}/colls/{container.Id}/docs", null, body);
        answer.StatusCode.Should().Be(HttpStatusCode.BadRequest);
    }

    [LocalTheory]
    [InlineData("""{"query":"SELECT * FROM c","parameters":[{"value":1}]}""")]
    [InlineData("""{"query":7}""")]
    [InlineData("""{}""")]
    [InlineData("[")]
    public async Task A_body_that_is_no_query_is_refused_with_400(string body)
    {
        var container = await host.NewContainer();
        using var answer = await host.Send(HttpMethod.Post, $"dbs/{host.Database.Id}/colls/{container.Id}/docs", "x-ms-documentdb-isquery: true", body);
        answer.StatusCode.Should().Be(HttpStatusCode.BadRequest);
    }

    [LocalFact]
    public async Task A_query_over_all_partitions_must_say_so()
    {
        var container = await host.NewContainer();
        using var answer = await host.Send(HttpMethod.Post, $"dbs/{host.Database.Id}/colls/{container.Id}/docs", $"x-ms-documentdb-isquery: true|-x-ms-documentdb-partitionkey", """{"query":"SELECT * FROM c"}""");
        answer.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        answer.Headers.GetValues("x-ms-substatus").Should().Equal("1004");
    }

    [LocalFact]
    public async Task A_continuation_of_another_query_is_refused()
    {
        var container = await host.NewContainer();
        using var answer = await host.Send(HttpMethod.Post, $"dbs/{host.Database.Id}/colls/{container.Id}/docs", "x-ms-documentdb-isquery: true|x-ms-continuation: bm9uc2Vuc2U", """{"query":"SELECT * FROM c"}""");
        answer.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await answer.Content.ReadAsStringAsync()).Should().Contain("continuation token is invalid");
    }

    private async Task Refused(HttpMethod method, string path, string? headers, string? body, string named)
    {
        using var answer = await host.Send(method, path, headers, body);
        answer.StatusCode.Should().Be(HttpStatusCode.NotImplemented);
        (await answer.Content.ReadAsStringAsync()).Should().Contain("LocalAzure does not implement").And.Contain(named);
    }
}
