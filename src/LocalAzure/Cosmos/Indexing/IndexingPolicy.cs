using System.Text.Json.Nodes;
using LocalAzure.Cosmos.Storage;

namespace LocalAzure.Cosmos.Indexing;

internal sealed record CompositePath(string[] Path, bool Descending);

/// <summary>
/// A container's indexing policy ("Indexing policies in Azure Cosmos DB"): which paths have a range index, and the composite indexes.
/// Where an included and an excluded path both match, the more precise one wins.
/// </summary>
internal sealed class IndexingPolicy
{
    public required bool Enabled { get; init; }
    public required IndexedPath[] Paths { get; init; }
    public required CompositePath[][] Composites { get; init; }

    /// <summary>Reads the policy and completes the container's JSON with the defaults that the service fills in.</summary>
    public static IndexingPolicy Parse(JsonObject container)
    {
        var policy = container["indexingPolicy"] as JsonObject ?? [];
        container["indexingPolicy"] = policy.Parent is null ? policy : container["indexingPolicy"];
        var mode = (ContainerSettings.Text(policy["indexingMode"]) ?? "consistent").ToLowerInvariant();
        if (mode is not ("consistent" or "none")) { throw CosmosRefusal.NotImplemented($"the indexing mode '{mode}'"); }
        foreach (var name in new[] { "spatialIndexes", "vectorIndexes", "fullTextIndexes" })
        {
            if (policy[name] is JsonArray { Count: > 0 }) { throw CosmosRefusal.NotImplemented($"'{name}' of an indexing policy"); }
        }
        policy["indexingMode"] = mode;
        policy["automatic"] ??= mode == "consistent";
        if (mode == "consistent" && policy["includedPaths"] is null && policy["excludedPaths"] is null)
        {
            policy["includedPaths"] = new JsonArray(new JsonObject { ["path"] = "/*" });
        }
        policy["includedPaths"] ??= new JsonArray();
        policy["excludedPaths"] ??= mode == "none" ? new JsonArray() : new JsonArray(new JsonObject { ["path"] = "/\"_etag\"/?" });
        return new IndexingPolicy
        {
            Enabled = mode == "consistent",
            Paths = [.. Read(policy["includedPaths"], included: true), .. Read(policy["excludedPaths"], included: false)],
            Composites = ReadComposites(policy["compositeIndexes"]),
        };
    }

    /// <summary>Whether the value at this path has a range index; <c>id</c> and <c>_ts</c> always have one while indexing is on.</summary>
    public bool IsIndexed(ReadOnlySpan<string> steps)
    {
        if (!Enabled) { return false; }
        if (IsSystemPath(steps)) { return true; }
        IndexedPath? best = null;
        foreach (var path in Paths)
        {
            if (path.Precision(steps) > (best?.Precision(steps) ?? -1)) { best = path; }
        }
        return best is { Included: true };
    }

    /// <summary>Whether documents without a value at this path are in its index ("ORDER BY": only where the path itself is included by name).</summary>
    public bool HoldsUndefined(string[] steps) =>
        IsSystemPath(steps) || Array.Exists(Paths, path => path.Included && path.Steps.SequenceEqual(steps));

    private static bool IsSystemPath(ReadOnlySpan<string> steps) => steps.Length == 1 && steps[0] is ("id" or "_ts");

    private static IEnumerable<IndexedPath> Read(JsonNode? paths, bool included) =>
        (paths as JsonArray ?? []).Select(path => IndexedPath.Parse(ContainerSettings.Text(path?["path"]) ?? "", included));

    private static CompositePath[][] ReadComposites(JsonNode? composites) =>
        [.. (composites as JsonArray ?? []).Select(composite => (composite as JsonArray ?? []).Select(part => new CompositePath(
            PropertyPath.Parse(ContainerSettings.Text(part?["path"]) ?? ""),
            (ContainerSettings.Text(part?["order"]) ?? "ascending").Equals("descending", StringComparison.OrdinalIgnoreCase))).ToArray())];
}
