using System.Text.Json;
using LocalAzure.Cosmos.Indexing;

namespace LocalAzure.Cosmos.Storage;

/// <summary>
/// A container's unique key policy: within one partition no two documents have the same values at a key's paths. A missing value counts as null
/// ("Unique key constraints in Azure Cosmos DB").
/// </summary>
internal sealed class UniqueKeys(string[][][] keys)
{
    private readonly SortedIndex[] taken = [.. keys.Select(_ => new SortedIndex())];

    public bool Any => keys.Length > 0;

    public byte[][] KeysOf(PartitionKey partition, JsonElement document) => [.. keys.Select(paths =>
    {
        var bytes = new OrderedBytes();
        foreach (var path in paths)
        {
            var value = PropertyPath.Value(document, path);
            if (value.ValueKind == JsonValueKind.Undefined) { bytes.AddNull(); } else { bytes.Add(value); }
        }
        return (byte[])[.. partition.Bytes, .. bytes.Written];
    })];

    public bool Taken(byte[][] values, long exceptNumber) =>
        values.Where((value, i) => taken[i].Find(value) is { } holder && holder.Number != exceptNumber).Any();

    public void Add(byte[][] values, StoredDocument document)
    {
        for (var i = 0; i < values.Length; i++) { taken[i].Insert(values[i], document); }
    }

    public void Remove(byte[][] values, StoredDocument document)
    {
        for (var i = 0; i < values.Length; i++) { taken[i].Remove(values[i], document.Number); }
    }
}
