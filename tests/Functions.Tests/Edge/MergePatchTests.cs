using System.Text.Json.Nodes;
using CustomerFunctions.Edge;
using FsCheck;
using FsCheck.Fluent;

namespace CustomerFunctions.Tests.Edge;

public sealed class MergePatchTests
{
    /// <summary>The object cases of RFC 7396, appendix A.</summary>
    [Theory]
    [InlineData("""{"a":"b"}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"b"}""", """{"b":"c"}""", """{"a":"b","b":"c"}""")]
    [InlineData("""{"a":"b"}""", """{"a":null}""", """{}""")]
    [InlineData("""{"a":"b","b":"c"}""", """{"a":null}""", """{"b":"c"}""")]
    [InlineData("""{"a":["b"]}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"c"}""", """{"a":["b"]}""", """{"a":["b"]}""")]
    [InlineData("""{"a":{"b":"c"}}""", """{"a":{"b":"d","c":null}}""", """{"a":{"b":"d"}}""")]
    [InlineData("""{"a":[{"b":"c"}]}""", """{"a":[1]}""", """{"a":[1]}""")]
    [InlineData("""{"e":null}""", """{"a":1}""", """{"e":null,"a":1}""")]
    [InlineData("""{}""", """{"a":{"bb":{"ccc":null}}}""", """{"a":{"bb":{}}}""")]
    public void A_patch_merges_as_the_RFC_says(string target, string patch, string result)
    {
        var merged = JsonNode.Parse(target)!.AsObject();
        RequestBody.Merge(merged, JsonNode.Parse(patch)!.AsObject());
        JsonNode.DeepEquals(merged, JsonNode.Parse(result)).Should().BeTrue($"it was {merged.ToJsonString()}");
    }

    [Fact]
    public void Any_patch_merges_as_the_RFCs_pseudocode_does() => Generated.Check(
        from target in Object(3) from patch in Object(3) select (Target: target, Patch: patch),
        one =>
        {
            var expected = Model(JsonNode.Parse(one.Target), JsonNode.Parse(one.Patch));
            var merged = JsonNode.Parse(one.Target)!.AsObject();
            RequestBody.Merge(merged, JsonNode.Parse(one.Patch)!.AsObject());
            JsonNode.DeepEquals(merged, expected).Should().BeTrue($"{one.Target} with {one.Patch} is {expected!.ToJsonString()}, not {merged.ToJsonString()}");
        }, count: 1_000);

    /// <summary>RFC 7396 section 2, word by word.</summary>
    private static JsonNode? Model(JsonNode? target, JsonNode? patch)
    {
        if (patch is not JsonObject changes) { return patch?.DeepClone(); }
        var result = new JsonObject(target is JsonObject before ? before.Select(pair => KeyValuePair.Create(pair.Key, pair.Value?.DeepClone())) : []);
        foreach (var (name, value) in changes)
        {
            if (value is null) { result.Remove(name); }
            else { result[name] = Model(result[name], value); }
        }
        return result;
    }

    private static Gen<string> Object(int depth) =>
        from count in Gen.Choose(0, 3)
        from members in (from name in Gen.Elements("a", "b", "c") from value in Value(depth - 1) select (name, value)).ArrayOf(count)
        select "{" + string.Join(",", members.DistinctBy(member => member.name).Select(member => $"\"{member.name}\":{member.value}")) + "}";

    private static Gen<string> Value(int depth) =>
        depth <= 0 ? Gen.Elements("null", "1", "\"x\"", "[1,null]", "true") : Gen.OneOf(Gen.Elements("null", "2", "[{\"a\":null}]"), Object(depth));
}
