using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace CustomerFunctions.Audit;

/// <summary>The fields that a change made different, as they were and as they are. Made from what callers see of a thing, which never has a secret or a hash in it.</summary>
internal sealed record AuditChange(JsonObject? Before, JsonObject? After)
{
    /// <summary>Longer values are named by their length: both sides of every field together have to fit into one table property.</summary>
    public const int MaxValueLength = 1000;

    /// <summary>Fields that say of every change that there was one.</summary>
    private static readonly HashSet<string> Silent = ["etag", "updatedAt", "updatedBy"];

    /// <summary>The difference between two sights of one thing; null on one side for a thing that was made or is gone.</summary>
    public static AuditChange Between<T>(T? before, T? after, JsonTypeInfo<T> json)
        where T : class
    {
        var (old, current) = (Fields(before, json), Fields(after, json));
        var changed = old.Select(field => field.Key).Union(current.Select(field => field.Key))
            .Where(name => !Silent.Contains(name) && !JsonNode.DeepEquals(old[name], current[name])).ToList();
        return new AuditChange(before is null ? null : Of(old, changed), after is null ? null : Of(current, changed));
    }

    private static JsonObject Fields<T>(T? value, JsonTypeInfo<T> json)
        where T : class => value is null ? [] : JsonSerializer.SerializeToNode(value, json)!.AsObject();

    private static JsonObject Of(JsonObject fields, IEnumerable<string> names) =>
        new(names.Where(fields.ContainsKey).Select(name => KeyValuePair.Create(name, Cut(fields[name]))));

    private static JsonNode? Cut(JsonNode? value) => value?.ToJsonString().Length is { } length and > MaxValueLength
        ? JsonValue.Create(string.Create(CultureInfo.InvariantCulture, $"({length} characters of JSON, left out)"))
        : value?.DeepClone();
}
