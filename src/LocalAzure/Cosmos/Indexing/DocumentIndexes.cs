using System.Buffers.Binary;
using System.Text.Json;
using LocalAzure.Cosmos.Storage;

namespace LocalAzure.Cosmos.Indexing;

/// <summary>
/// Every way into a container's documents. Changed only under the container's write lock. Paths that the policy names have their index from the start;
/// those that only a wildcard covers get one when a query first wants it.
/// </summary>
internal sealed class DocumentIndexes
{
    public static readonly JsonDocumentOptions Deep = new() { MaxDepth = 256 };

    private readonly ContainerSettings settings;
    private readonly PathExtractor extractor = new();
    private readonly Dictionary<string, KeyIndex> byName = [];
    private readonly UniqueKeys unique;
    private readonly SortedIndex expiry = new();
    private SortedIndex? changes;

    private DocumentIndexes(ContainerSettings settings)
    {
        this.settings = settings;
        unique = new UniqueKeys(settings.UniqueKeys);
        PrimaryKey = new KeyIndex([new CompositePath(settings.PartitionKey, false), new CompositePath(["id"], false)], new PathExtractor());
        if (!settings.Indexing.Enabled) { return; }
        foreach (var path in settings.Indexing.Paths.Where(p => p is { Included: true, Subtree: false } && !p.Steps.SkipLast(1).Contains(IndexedPath.Elements)))
        {
            Define([new CompositePath(path.Steps, false)]);
        }
        foreach (var composite in settings.Indexing.Composites) { Define(composite); }
    }

    /// <summary>By partition key value, then id: it holds every document, whatever the policy says.</summary>
    public KeyIndex PrimaryKey { get; }

    public SortedIndex Primary => PrimaryKey.Entries;

    public IReadOnlyCollection<KeyIndex> Secondary => byName.Values;

    /// <summary>Whether any document has an end.</summary>
    public bool AnyExpires => expiry.Count > 0;

    public static DocumentIndexes Build(ContainerSettings settings, IEnumerable<StoredDocument> documents)
    {
        var indexes = new DocumentIndexes(settings);
        var all = documents.ToList();
        indexes.PrimaryKey.Entries = SortedIndex.Build([.. all.Select(d => new IndexEntry(d.Key, d))]);
        foreach (var document in all.Where(d => indexes.ExpiryKey(d) is not null)) { indexes.expiry.Insert(indexes.ExpiryKey(document)!, document); }
        indexes.Fill([.. indexes.byName.Values], all);
        if (indexes.unique.Any)
        {
            foreach (var document in all)
            {
                using var parsed = JsonDocument.Parse(document.Load(), Deep);
                indexes.unique.Add(indexes.unique.KeysOf(indexes.PartitionOf(parsed.RootElement), parsed.RootElement), document);
            }
        }
        return indexes;
    }

    public KeyIndex? Find(string name) => byName.GetValueOrDefault(name);

    /// <summary>Makes the index on one path from the documents that are there.</summary>
    public void Ensure(string[] path)
    {
        if (byName.ContainsKey(KeyIndex.NameOf(new CompositePath(path, false)))) { return; }
        Fill([Define([new CompositePath(path, false)])], Primary.Ascending([]).Select(e => e.Document));
    }

    /// <summary>The keys under which an index holds a document.</summary>
    public IEnumerable<byte[]> KeysOf(KeyIndex index, byte[] body) => index.KeysOf(extractor.Extract(body));

    public void CheckUnique(PartitionKey partition, JsonElement document, long number)
    {
        if (unique.Any && unique.Taken(unique.KeysOf(partition, document), number)) { throw CosmosRefusal.UniqueKey(); }
    }

    public void Add(StoredDocument document, byte[] body, JsonElement parsed)
    {
        Primary.Insert(document.Key, document);
        changes?.Insert(BigEndian(document.Lsn), document);
        if (ExpiryKey(document) is { } key) { expiry.Insert(key, document); }
        if (unique.Any) { unique.Add(unique.KeysOf(PartitionOf(parsed), parsed), document); }
        foreach (var (index, value) in KeysOf(body)) { index.Entries.Insert(value, document); }
    }

    public void Remove(StoredDocument document, byte[] body)
    {
        Primary.Remove(document.Key, document.Number);
        changes?.Remove(BigEndian(document.Lsn), document.Number);
        if (ExpiryKey(document) is { } key) { expiry.Remove(key, document.Number); }
        foreach (var (index, value) in KeysOf(body)) { index.Entries.Remove(value, document.Number); }
        if (!unique.Any) { return; }
        using var parsed = JsonDocument.Parse(body, Deep);
        unique.Remove(unique.KeysOf(PartitionOf(parsed.RootElement), parsed.RootElement), document);
    }

    /// <summary>The order of changes is kept from the first time that anyone reads the change feed.</summary>
    public void EnsureChanges() =>
        changes ??= SortedIndex.Build([.. Primary.Ascending([]).Select(e => new IndexEntry(BigEndian(e.Document.Lsn), e.Document))]);

    public IEnumerable<StoredDocument> ChangesAfter(long lsn) => changes!.Ascending(BigEndian(lsn + 1)).Select(entry => entry.Document);

    public IEnumerable<StoredDocument> ExpiredBy(long now) =>
        expiry.Ascending([]).Select(entry => entry.Document).TakeWhile(document => document.ExpiresAt(settings.DefaultTtl) <= now);

    private KeyIndex Define(CompositePath[] parts)
    {
        var index = new KeyIndex(parts, extractor);
        return byName[index.Name] = index;
    }

    private IEnumerable<(KeyIndex Index, byte[] Key)> KeysOf(byte[] body)
    {
        if (byName.Count == 0) { return []; }
        var values = extractor.Extract(body);
        return byName.Values.SelectMany(index => index.KeysOf(values).Select(key => (index, key)));
    }

    private void Fill(KeyIndex[] indexes, IEnumerable<StoredDocument> documents)
    {
        if (indexes.Length == 0) { return; }
        // In the order of the log, so that the disk is read forwards, and in as many stretches as there are processors.
        var ordered = documents.OrderBy(d => d.Offset).ToArray();
        var stretches = ordered.Chunk(Math.Max(1024, (ordered.Length / Environment.ProcessorCount) + 1)).ToArray();
        var found = new List<IndexEntry>[stretches.Length][];
        Parallel.For(0, stretches.Length, i => found[i] = Keys(indexes, stretches[i]));
        Parallel.For(0, indexes.Length, i => indexes[i].Entries = SortedIndex.Build([.. found.SelectMany(stretch => stretch[i])]));
    }

    private List<IndexEntry>[] Keys(KeyIndex[] indexes, StoredDocument[] documents)
    {
        var entries = indexes.Select(_ => new List<IndexEntry>(documents.Length)).ToArray();
        var buffer = new byte[4096];
        foreach (var document in documents)
        {
            if (buffer.Length < document.Length) { buffer = new byte[document.Length]; }
            document.LoadInto(buffer);
            var values = extractor.Extract(buffer.AsSpan(0, document.Length));
            for (var i = 0; i < indexes.Length; i++)
            {
                foreach (var key in indexes[i].KeysOf(values)) { entries[i].Add(new IndexEntry(key, document)); }
            }
        }
        return entries;
    }

    private PartitionKey PartitionOf(JsonElement body) => PartitionKey.From(PropertyPath.Value(body, settings.PartitionKey));

    private byte[]? ExpiryKey(StoredDocument document)
    {
        var expires = document.ExpiresAt(settings.DefaultTtl);
        return expires == long.MaxValue ? null : BigEndian(expires);
    }

    private static byte[] BigEndian(long value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, value);
        return bytes;
    }
}
