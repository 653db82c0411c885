using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using LocalAzure.Cosmos.Indexing;

namespace LocalAzure.Cosmos.Storage;

/// <summary>What a container was created with. Settings whose effect the emulator does not have are refused by name.</summary>
internal sealed class ContainerSettings
{
    /// <summary>Settings that Cosmos DB has and the emulator does not.</summary>
    public static readonly string[] Unsupported =
    [
        "computedProperties", "vectorEmbeddingPolicy", "fullTextPolicy", "changeFeedPolicy", "analyticalStorageTtl", "clientEncryptionPolicy",
        "materializedViewDefinition", "materializedViews", "dataMaskingPolicy",
    ];

    public required string Id { get; init; }
    public required string[] PartitionKey { get; init; }
    public required int? DefaultTtl { get; init; }
    public required string[][][] UniqueKeys { get; init; }
    public required IndexingPolicy Indexing { get; init; }
    /// <summary>The settings as the container's JSON shows them, without the service's own properties.</summary>
    public required JsonObject Json { get; init; }

    /// <summary>A definition that a client sends: refused as Cosmos DB refuses it.</summary>
    public static ContainerSettings FromRequest(JsonObject request)
    {
        ContainerRules.Check(request);
        return Parse(request);
    }

    /// <summary>A definition that was accepted before.</summary>
    public static ContainerSettings Parse(JsonObject request)
    {
        var json = request.DeepClone().AsObject();
        foreach (var name in json.Select(p => p.Key).Where(n => n.StartsWith('_')).ToArray()) { json.Remove(name); }
        foreach (var name in Unsupported.Where(n => json[n] is not null)) { throw CosmosRefusal.NotImplemented($"the container setting '{name}'"); }
        var id = Text(json["id"]) ?? throw CosmosRefusal.BadRequest("The input content is invalid because the required properties - 'id; ' - are missing");
        DocumentBody.CheckId(id);

        var settings = new ContainerSettings
        {
            Id = id,
            PartitionKey = ParsePartitionKey(json),
            DefaultTtl = ParseTtl(json),
            UniqueKeys = ParseUniqueKeys(json),
            Indexing = IndexingPolicy.Parse(json),
            Json = json,
        };
        ParseConflictPolicy(json);
        return settings;
    }

    /// <summary>Keys cannot be changed once the container exists; everything else can.</summary>
    public void CheckReplacedBy(ContainerSettings next)
    {
        if (!PartitionKey.SequenceEqual(next.PartitionKey)) { throw CosmosRefusal.BadRequest("The partition key of a container cannot be changed."); }
        if (!JsonNode.DeepEquals(Json["uniqueKeyPolicy"], next.Json["uniqueKeyPolicy"]))
        {
            throw CosmosRefusal.BadRequest("The unique index policy of a container cannot be changed.");
        }
    }

    /// <summary>Version 2 of the partition key definition: the whole value is hashed. Version 1 hashes the first 100 bytes, by another hash.</summary>
    public bool HashesAsVersion2 =>
        double.Parse(Json["partitionKey"]!["version"]!.ToJsonString(), CultureInfo.InvariantCulture) == 2;

    public static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static string[] ParsePartitionKey(JsonObject json)
    {
        if (json["partitionKey"] is not JsonObject key || key["paths"] is not JsonArray { Count: > 0 } paths)
        {
            throw CosmosRefusal.BadRequest("The partition key definition is missing: a container needs 'partitionKey': { 'paths': […], 'kind': 'Hash' }.");
        }
        if (paths.Count > 1 || Text(key["kind"]) == "MultiHash") { throw CosmosRefusal.NotImplemented("hierarchical partition keys"); }
        if (Text(key["kind"]) is { } kind && kind != "Hash") { throw CosmosRefusal.NotImplemented($"partition keys of kind '{kind}'"); }
        key["kind"] = "Hash";
        key["version"] ??= 2;
        return PropertyPath.Parse(Text(paths[0]) ?? "");
    }

    private static int? ParseTtl(JsonObject json)
    {
        if (json["ttlPropertyPath"] is not null) { throw CosmosRefusal.NotImplemented("the container setting 'ttlPropertyPath'"); }
        if (json["defaultTtl"] is not { } node) { return null; }
        var valid = node.GetValueKind() == JsonValueKind.Number && node.AsValue().TryGetValue<int>(out var seconds) && (seconds == -1 || seconds > 0);
        return valid ? node.GetValue<int>() : throw CosmosRefusal.BadRequest("The defaultTtl of a container is -1 or a positive number of seconds.");
    }

    private static string[][][] ParseUniqueKeys(JsonObject json)
    {
        if (json["uniqueKeyPolicy"]?["uniqueKeys"] is not JsonArray keys) { return []; }
        return [.. keys.Select(key => key?["paths"] is JsonArray { Count: > 0 } paths
            ? paths.Select(path => PropertyPath.Parse(Text(path) ?? "")).ToArray()
            : throw CosmosRefusal.BadRequest("A unique key needs paths."))];
    }

    private static void ParseConflictPolicy(JsonObject json)
    {
        json["conflictResolutionPolicy"] ??= new JsonObject { ["mode"] = "LastWriterWins", ["conflictResolutionPath"] = "/_ts", ["conflictResolutionProcedure"] = "" };
        if (Text(json["conflictResolutionPolicy"]!["mode"]) != "LastWriterWins") { throw CosmosRefusal.NotImplemented("custom conflict resolution"); }
        json["geospatialConfig"] ??= new JsonObject { ["type"] = "Geography" };
    }
}
