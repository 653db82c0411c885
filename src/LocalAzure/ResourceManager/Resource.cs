using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace LocalAzure.ResourceManager;

internal sealed record ResourceGroup(string Subscription, string Name, string Location, JsonObject? Tags)
{
    public string Id => $"/subscriptions/{Subscription}/resourceGroups/{Name}";
}

/// <summary>A resource as its owner put it (<c>Body</c>, without the location) and the keys that it has now.</summary>
internal sealed record Resource(
    string Id, string Type, string Subscription, string Group, string Name, string Location, JsonObject Body,
    IReadOnlyList<ResourceKey> Keys, DateTimeOffset Created);

internal sealed record ResourceKey(string Slot, string Value, DateTimeOffset Created)
{
    // A record prints its members; this one must not print its value.
    public override string ToString() => $"{Slot} of {Created:O}";
}

/// <summary>What a status page may know of a resource: everything but its keys.</summary>
internal sealed record ResourceSummary(string Id, string Type, string Name, string Group, string Location, IReadOnlyList<KeySummary> Keys);

internal sealed record KeySummary(string Slot, DateTimeOffset Created);

/// <summary>What the journal holds: the new state of a group or a resource, or that a resource is gone.</summary>
[JsonDerivedType(typeof(GroupWritten), "group")]
[JsonDerivedType(typeof(Written), "resource")]
[JsonDerivedType(typeof(Removed), "removed")]
internal abstract record ResourceChange
{
    internal sealed record GroupWritten(ResourceGroup Group) : ResourceChange;

    internal sealed record Written(Resource Resource) : ResourceChange;

    internal sealed record Removed(string Id) : ResourceChange;
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ResourceChange))]
internal sealed partial class ResourceChangeJson : JsonSerializerContext;
