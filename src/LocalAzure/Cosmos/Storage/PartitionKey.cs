using System.Text.Json;
using LocalAzure.Cosmos.Indexing;

namespace LocalAzure.Cosmos.Storage;

/// <summary>A partition key value in ordered bytes. A document without the property, and <c>PartitionKey.None</c>, have the undefined value.</summary>
internal sealed class PartitionKey
{
    // "Azure Cosmos DB service quotas": the value of a large partition key may have 2,048 bytes.
    private const int MaxBytes = 2048;

    private PartitionKey(byte[] bytes) => Bytes = bytes;

    public byte[] Bytes { get; }

    public static PartitionKey Undefined { get; } = new(new OrderedBytes().AddUndefined().ToArray());

    /// <summary>What <c>x-ms-documentdb-partitionkey</c> says: a JSON array of one value; <c>[]</c> and <c>[{}]</c> are the undefined value.</summary>
    public static PartitionKey FromHeader(string header)
    {
        JsonDocument json;
        try { json = JsonDocument.Parse(header); }
        catch (JsonException) { throw CosmosRefusal.BadRequest($"Partition key {header} is invalid."); }
        using (json)
        {
            if (json.RootElement.ValueKind != JsonValueKind.Array) { throw CosmosRefusal.BadRequest($"Partition key {header} is invalid."); }
            if (json.RootElement.GetArrayLength() > 1) { throw CosmosRefusal.NotImplemented("hierarchical partition keys"); }
            if (json.RootElement.GetArrayLength() == 0) { return Undefined; }
            var value = json.RootElement[0];
            var isUndefined = value.ValueKind == JsonValueKind.Object && !value.EnumerateObject().Any();
            return isUndefined ? Undefined : From(value);
        }
    }

    public static PartitionKey From(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Undefined) { return Undefined; }
        if (value.ValueKind is JsonValueKind.Array or JsonValueKind.Object)
        {
            throw CosmosRefusal.BadRequest("Partition key values may be strings, numbers, booleans and null.");
        }
        var bytes = new OrderedBytes().Add(value).ToArray();
        return bytes.Length <= MaxBytes + 3 ? new PartitionKey(bytes) : throw CosmosRefusal.BadRequest($"A partition key value may have {MaxBytes} bytes.");
    }

    public byte[] KeyOf(string id)
    {
        var bytes = new OrderedBytes().Add(id);
        return [.. Bytes, .. bytes.Written];
    }
}
