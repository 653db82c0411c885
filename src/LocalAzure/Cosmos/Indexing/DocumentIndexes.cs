using System.Buffers.Binary;
using System.Text.Json;
using LocalAzure.Cosmos.Storage;

namespace LocalAzure.Cosmos.Indexing;

/// <summary>Every way into a container's documents. Changed only under the container's write lock.</summary>
internal sealed class DocumentIndexes
{
    public static readonly JsonDocumentOptions Deep = new() { MaxDepth = 256 };

    private readonly ContainerSettings settings;
    private readonly UniqueKeys unique;
    private readonly SortedIndex expiry = new();

    private DocumentIndexes(ContainerSettings settings)
    {
        this.settings = settings;
        unique = new UniqueKeys(settings.UniqueKeys);
    }

    /// <summary>By partition key value, then id.</summary>
    public SortedIndex Primary { get; } = new();

    public static DocumentIndexes Build(ContainerSettings settings, IEnumerable<StoredDocument> documents)
    {
        var indexes = new DocumentIndexes(settings);
        var needsBody = indexes.unique.Any;
        foreach (var document in documents)
        {
            if (!needsBody) { indexes.Add(document, default); continue; }
            using var parsed = JsonDocument.Parse(document.Load(), Deep);
            indexes.Add(document, parsed.RootElement);
        }
        return indexes;
    }

    public void CheckUnique(PartitionKey partition, JsonElement document, long number)
    {
        if (unique.Any && unique.Taken(unique.KeysOf(partition, document), number)) { throw CosmosRefusal.UniqueKey(); }
    }

    public void Add(StoredDocument document, JsonElement body)
    {
        Primary.Insert(document.Key, document);
        if (ExpiryKey(document) is { } key) { expiry.Insert(key, document); }
        if (unique.Any) { unique.Add(unique.KeysOf(PartitionOf(body), body), document); }
    }

    public void Remove(StoredDocument document, JsonElement body)
    {
        Primary.Remove(document.Key, document.Number);
        if (ExpiryKey(document) is { } key) { expiry.Remove(key, document.Number); }
        if (unique.Any) { unique.Remove(unique.KeysOf(PartitionOf(body), body), document); }
    }

    public IEnumerable<StoredDocument> ExpiredBy(long now) =>
        expiry.Ascending([]).Select(entry => entry.Document).TakeWhile(document => document.ExpiresAt(settings.DefaultTtl) <= now);

    private PartitionKey PartitionOf(JsonElement body) => PartitionKey.From(PropertyPath.Value(body, settings.PartitionKey));

    private byte[]? ExpiryKey(StoredDocument document)
    {
        var expires = document.ExpiresAt(settings.DefaultTtl);
        if (expires == long.MaxValue) { return null; }
        var key = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(key, expires);
        return key;
    }
}
