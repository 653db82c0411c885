using System.Net;
using Newtonsoft.Json.Linq;

namespace LocalAzure.Tests.Cosmos;

/// <summary>Container definitions that Cosmos DB refuses, and that the refusal says what is wrong.</summary>
public sealed class ContainerRulesTests(CosmosHost host) : IClassFixture<CosmosHost>
{
    private static readonly string Seventeen = string.Join(',', Enumerable.Range(1, 17).Select(i => $"\"/p{i}\""));
    private static readonly string Eleven = string.Join(',', Enumerable.Range(1, 11).Select(i => $$"""{"paths":["/p{{i}}"]}"""));
    private static readonly string NinePaths = string.Join(',', Enumerable.Range(1, 9).Select(i => $$"""{"path":"/p{{i}}"}"""));

    public static TheoryData<string, string> Refused => new()
    {
        { """{"indexingPolicy":{"includedPaths":[{"path":"/a/?"}]}}""", "root path '/*'" },
        { """{"indexingPolicy":{"excludedPaths":[{"path":"/a/?"}]}}""", "root path '/*'" },
        { """{"indexingPolicy":{"includedPaths":[],"excludedPaths":[]}}""", "root path '/*'" },
        { """{"indexingPolicy":{"includedPaths":[{"path":"/*"}],"excludedPaths":[{"path":"/*"}]}}""", "both included and excluded" },
        { """{"indexingPolicy":{"includedPaths":[{"path":"/*"},{"path":"/a/?"}],"excludedPaths":[{"path":"/a/?"}]}}""", "'/a/?' is both" },
        { """{"indexingPolicy":{"includedPaths":[{"path":"/*"},{"path":"/a/?"},{"path":"/a/?"}]}}""", "'/a/?' is twice" },
        { """{"indexingPolicy":{"includedPaths":[{"path":"/*"},{"path":"/a/*/b/?"}]}}""", "may only end it" },
        { """{"indexingPolicy":{"includedPaths":[{"path":"/*"},{"path":"/a"}]}}""", "must end with" },
        { """{"indexingPolicy":{"includedPaths":[{"path":"/*"},{"path":"a/?"}]}}""", "must start with '/'" },
        { """{"indexingPolicy":{"includedPaths":["/*"]}}""", "object with a 'path'" },
        { """{"indexingPolicy":{"includedPaths":{"path":"/*"}}}""", "must be an array" },
        { """{"indexingPolicy":{"compositeIndexes":[[{"path":"/a"}]]}}""", "2 to 8 paths, not 1" },
        { $$$"""{"indexingPolicy":{"compositeIndexes":[[{{{NinePaths}}}]]}}""", "2 to 8 paths, not 9" },
        { """{"indexingPolicy":{"compositeIndexes":[[{"path":"/a/*"},{"path":"/b"}]]}}""", "may not contain '*'" },
        { """{"indexingPolicy":{"compositeIndexes":[[{"path":"/a/?"},{"path":"/b"}]]}}""", "may not contain '?'" },
        { """{"indexingPolicy":{"compositeIndexes":[[{"path":"/a/[]"},{"path":"/b"}]]}}""", "may not contain '[]'" },
        { """{"indexingPolicy":{"compositeIndexes":[[{"path":"/a","order":"upwards"},{"path":"/b"}]]}}""", "'ascending' or 'descending'" },
        { """{"indexingPolicy":{"compositeIndexes":[{"path":"/a"}]}}""", "array of paths" },
        { """{"indexingPolicy":{"indexes":[]}}""", "unknown setting 'indexes'" },
        { """{"indexingPolicy":7}""", "must be an object" },
        { $$$"""{"uniqueKeyPolicy":{"uniqueKeys":[{"paths":[{{{Seventeen}}}]}]}}""", "16 paths, not 17" },
        { $$$"""{"uniqueKeyPolicy":{"uniqueKeys":[{{{Eleven}}}]}}""", "10 unique keys, not 11" },
        { """{"uniqueKeyPolicy":{"uniqueKeys":[{"paths":["/"]}]}}""", "names no property" },
        { """{"uniqueKeyPolicy":{"uniqueKeys":[{"paths":["/a/*"]}]}}""", "may not contain '*'" },
        { """{"uniqueKeyPolicy":[]}""", "'uniqueKeys'" },
        { """{"partitionKey":{"paths":["/"],"kind":"Hash"}}""", "names no property" },
        { """{"partitionKey":{"paths":["/*"],"kind":"Hash"}}""", "may not contain '*'" },
        { """{"partitionKey":{"paths":["/pk"],"kind":"Hash","version":3}}""", "is 1 or 2" },
        { """{"defaultTTL":60}""", "unknown setting 'defaultTTL'" },
        { """{"colour":"red"}""", "unknown setting 'colour'" },
        { """{"geospatialConfig":{"type":"Flat"}}""", "'Geography' or 'Geometry'" },
        { $$"""{"id":"{{new string('n', 256)}}"}""", "255 characters" },
        { """{"id":"."}""", "'.' or '..'" },
        { """{"id":".."}""", "'.' or '..'" },
    };

    public static TheoryData<string> Accepted =>
    [
        "{}",
        """{"indexingPolicy":{"indexingMode":"none","automatic":false,"includedPaths":[],"excludedPaths":[]}}""",
        """{"indexingPolicy":{"includedPaths":[{"path":"/a/?"}],"excludedPaths":[{"path":"/*"}]}}""",
        """{"indexingPolicy":{"includedPaths":[{"path":"/*"},{"path":"/tags/[]/?"}],"compositeIndexes":[[{"path":"/a"},{"path":"/b/c","order":"descending"}]]}}""",
        """{"uniqueKeyPolicy":{"uniqueKeys":[{"paths":["/a","/b/c"]}]}}""",
        """{"partitionKey":{"paths":["/a/\"b c\""],"kind":"Hash","version":1}}""",
        """{"_rid":"","_self":"x","geospatialConfig":{"type":"Geometry"}}""",
    ];

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task A_definition_that_Azure_refuses_gets_400_with_what_is_wrong(string definition, string wrong)
    {
        var (status, body) = await Create(definition);
        body.Should().Contain(wrong);
        status.Should().Be(HttpStatusCode.BadRequest);
    }

    [Theory]
    [MemberData(nameof(Accepted))]
    public async Task A_definition_that_Azure_takes_is_201(string definition) => (await Create(definition)).Status.Should().Be(HttpStatusCode.Created);

    [Fact]
    public async Task A_replacement_obeys_the_same_rules()
    {
        var container = await host.NewContainer();
        using var answer = await host.Send(
            HttpMethod.Put, $"dbs/{host.Database.Id}/colls/{container.Id}", null, Definition("""{"colour":"red"}""", container.Id));
        answer.StatusCode.Should().Be(HttpStatusCode.BadRequest);
    }

    private async Task<(HttpStatusCode Status, string Body)> Create(string definition)
    {
        using var answer = await host.Send(HttpMethod.Post, $"dbs/{host.Database.Id}/colls", null, Definition(definition, $"c-{Guid.NewGuid():N}"));
        return (answer.StatusCode, JObject.Parse(await answer.Content.ReadAsStringAsync()).Value<string>("message") ?? "");
    }

    private static string Definition(string further, string id)
    {
        var definition = JObject.Parse(further);
        definition["id"] ??= id;
        definition["partitionKey"] ??= JObject.Parse("""{"paths":["/pk"],"kind":"Hash"}""");
        return definition.ToString();
    }
}
