using System.Text.Json;
using System.Text.Json.Nodes;
using LocalAzure.Cosmos.Indexing;

namespace LocalAzure.Cosmos.Storage;

/// <summary>
/// What Cosmos DB refuses in a container's definition, with 400: unknown settings, and the rules and limits of "Indexing policies", "Unique key
/// constraints" and "Service quotas". Checked when a client creates or replaces a container, not when a stored one is opened.
/// </summary>
internal static class ContainerRules
{
    public const int MaxNameLength = 255;
    private const int MaxUniqueKeys = 10;
    private const int MaxUniqueKeyPaths = 16;
    private const int MaxCompositeIndexes = 100;
    private const int MaxCompositePaths = 8;
    private const int MaxIndexingPaths = 1500;

    private static readonly string[] Settings =
    [
        "id", "partitionKey", "indexingPolicy", "defaultTtl", "ttlPropertyPath", "uniqueKeyPolicy", "conflictResolutionPolicy", "geospatialConfig",
        .. ContainerSettings.Unsupported,
    ];

    private static readonly string[] PolicySettings =
        ["automatic", "indexingMode", "includedPaths", "excludedPaths", "compositeIndexes", "spatialIndexes", "vectorIndexes", "fullTextIndexes"];

    public static void Check(JsonObject container)
    {
        CheckNames(container, "container", Settings);
        CheckName(ContainerSettings.Text(container["id"]));
        CheckPartitionKey(container["partitionKey"]);
        CheckUniqueKeys(container["uniqueKeyPolicy"]);
        CheckGeography(container["geospatialConfig"]);
        CheckPolicy(container["indexingPolicy"]);
    }

    /// <summary>Names of databases and containers are shorter than the ids of items.</summary>
    public static void CheckName(string? name)
    {
        if (name?.Length > MaxNameLength) { throw CosmosRefusal.BadRequest($"The name of a database or container may have {MaxNameLength} characters."); }
    }

    private static void CheckPartitionKey(JsonNode? node)
    {
        if (node is not JsonObject key) { return; }
        CheckNames(key, "partition key", ["paths", "kind", "version", "systemKey"]);
        foreach (var path in key["paths"] as JsonArray ?? []) { CheckPropertyPath(ContainerSettings.Text(path), "partition key"); }
        if (key["version"] is { } version && !(version.GetValueKind() == JsonValueKind.Number && version.GetValue<double>() is 1 or 2))
        {
            throw CosmosRefusal.BadRequest("The version of a partition key definition is 1 or 2.");
        }
    }

    private static void CheckUniqueKeys(JsonNode? node)
    {
        if (node is null) { return; }
        var policy = node as JsonObject ?? throw CosmosRefusal.BadRequest("'uniqueKeyPolicy' must be an object with 'uniqueKeys'.");
        CheckNames(policy, "unique key policy", ["uniqueKeys"]);
        var keys = Array(policy, "uniqueKeys");
        if (keys.Count > MaxUniqueKeys) { throw CosmosRefusal.BadRequest($"A container may have {MaxUniqueKeys} unique keys, not {keys.Count}."); }
        foreach (var key in keys)
        {
            var paths = key is JsonObject { } of ? Array(of, "paths") : throw CosmosRefusal.BadRequest("A unique key must be an object with 'paths'.");
            if (paths.Count > MaxUniqueKeyPaths) { throw CosmosRefusal.BadRequest($"A unique key may have {MaxUniqueKeyPaths} paths, not {paths.Count}."); }
            foreach (var path in paths) { CheckPropertyPath(ContainerSettings.Text(path), "unique key"); }
        }
    }

    private static void CheckGeography(JsonNode? node)
    {
        if (node is not null && ContainerSettings.Text((node as JsonObject)?["type"]) is not ("Geography" or "Geometry"))
        {
            throw CosmosRefusal.BadRequest("The type of 'geospatialConfig' is 'Geography' or 'Geometry'.");
        }
    }

    private static void CheckPolicy(JsonNode? node)
    {
        if (node is null) { return; }
        var policy = node as JsonObject ?? throw CosmosRefusal.BadRequest("'indexingPolicy' must be an object.");
        CheckNames(policy, "indexing policy", PolicySettings);
        var (included, excluded) = (Paths(policy, "includedPaths"), Paths(policy, "excludedPaths"));
        var isNone = string.Equals(ContainerSettings.Text(policy["indexingMode"]), "none", StringComparison.OrdinalIgnoreCase);
        if (!isNone && (policy["includedPaths"] is not null || policy["excludedPaths"] is not null)) { CheckRoot(included, excluded); }
        if (included.Intersect(excluded).FirstOrDefault() is { } both)
        {
            throw CosmosRefusal.BadRequest($"The indexing path '{both}' is both included and excluded.");
        }
        CheckComposites(Array(policy, "compositeIndexes"));
    }

    private static void CheckRoot(List<string> included, List<string> excluded)
    {
        if (!included.Contains("/*") && !excluded.Contains("/*"))
        {
            throw CosmosRefusal.BadRequest("The indexing policy must include or exclude the root path '/*'.");
        }
    }

    private static List<string> Paths(JsonObject policy, string name)
    {
        var paths = Array(policy, name).Select(path => ContainerSettings.Text((path as JsonObject)?["path"])
            ?? throw CosmosRefusal.BadRequest($"An entry of '{name}' must be an object with a 'path'.")).ToList();
        if (paths.Count > MaxIndexingPaths) { throw CosmosRefusal.BadRequest($"'{name}' may have {MaxIndexingPaths} paths, not {paths.Count}."); }
        foreach (var path in paths)
        {
            if (IndexedPath.Parse(path, included: true).Steps.Any(step => step is "?" or "*"))
            {
                throw CosmosRefusal.BadRequest($"The indexing path '{path}' is invalid: '?' and '*' may only end it.");
            }
        }
        return paths.GroupBy(path => path).FirstOrDefault(same => same.Count() > 1) is { } twice
            ? throw CosmosRefusal.BadRequest($"The indexing path '{twice.Key}' is twice in '{name}'.")
            : paths;
    }

    private static void CheckComposites(JsonArray composites)
    {
        if (composites.Count > MaxCompositeIndexes)
        {
            throw CosmosRefusal.BadRequest($"An indexing policy may have {MaxCompositeIndexes} composite indexes, not {composites.Count}.");
        }
        foreach (var composite in composites)
        {
            var parts = composite as JsonArray ?? throw CosmosRefusal.BadRequest("A composite index must be an array of paths.");
            if (parts.Count is < 2 or > MaxCompositePaths)
            {
                throw CosmosRefusal.BadRequest($"A composite index must have 2 to {MaxCompositePaths} paths, not {parts.Count}.");
            }
            foreach (var part in parts) { CheckCompositePart(part as JsonObject ?? throw CosmosRefusal.BadRequest("A path of a composite index must be an object.")); }
        }
    }

    private static void CheckCompositePart(JsonObject part)
    {
        CheckNames(part, "composite index", ["path", "order"]);
        CheckPropertyPath(ContainerSettings.Text(part["path"]), "composite index");
        var order = ContainerSettings.Text(part["order"])?.ToLowerInvariant();
        if (part["order"] is not null && order is not ("ascending" or "descending"))
        {
            throw CosmosRefusal.BadRequest($"The order of the composite index path '{part["path"]}' is 'ascending' or 'descending'.");
        }
    }

    private static void CheckPropertyPath(string? path, string of)
    {
        var steps = PropertyPath.Parse(path ?? throw CosmosRefusal.BadRequest($"A path of a {of} must be a string."));
        if (steps.Length == 0) { throw CosmosRefusal.BadRequest($"The path '{path}' of a {of} names no property."); }
        if (steps.FirstOrDefault(step => step is "?" or "*" or IndexedPath.Elements) is { } wildcard)
        {
            throw CosmosRefusal.BadRequest($"The path '{path}' of a {of} may not contain '{wildcard}'.");
        }
    }

    private static void CheckNames(JsonObject of, string what, string[] known)
    {
        // The service's own properties come back with a replaced definition; they are not settings.
        if (of.Select(p => p.Key).FirstOrDefault(name => !name.StartsWith('_') && !known.Contains(name)) is { } unknown)
        {
            throw CosmosRefusal.BadRequest($"The {what} has the unknown setting '{unknown}'.");
        }
    }

    private static JsonArray Array(JsonObject of, string name) => of[name] switch
    {
        null => [],
        JsonArray array => array,
        _ => throw CosmosRefusal.BadRequest($"'{name}' must be an array."),
    };
}
