using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using LocalAzure.Cosmos.Indexing;
using LocalAzure.Cosmos.Storage;

namespace LocalAzure.Cosmos.Query;

/// <summary>The documents that a plan leads to, one after the other, and the account of what that took.</summary>
internal sealed class Walk(ContainerStore store, DocumentIndexes indexes, CompiledQuery query, Plan plan, QueryRequest request)
{
    public static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly Row row = new(query.SlotCount);
    private readonly ArrayBufferWriter<byte> text = new(1024);
    private Utf8JsonWriter? writer;

    public long Seen { get; private set; }
    public long Loaded { get; private set; }

    /// <summary>Whether the entries between the plan's keys are all that there is to it: nothing expires, and no other partition or range is among them.</summary>
    public bool CanCount => !indexes.AnyExpires && request.Range is null && (request.Partition is null || plan.Covered);

    /// <summary>Living entries in the plan's order, from a place on (that place included).</summary>
    public IEnumerable<IndexEntry> Entries(byte[]? key = null, long number = 0)
    {
        var entries = plan.Index.Entries;
        foreach (var range in plan.Reverse ? plan.Ranges.Reverse() : plan.Ranges)
        {
            var found = plan.Reverse ? Downwards(entries, range, key, number) : Upwards(entries, range, key, number);
            foreach (var entry in found)
            {
                Seen++;
                if (IsOfPartition(entry.Document) && store.IsAlive(entry.Document)) { yield return entry; }
            }
        }
    }

    public byte[] Load(StoredDocument document)
    {
        Loaded++;
        return document.Load();
    }

    /// <summary>Whether this is the first of the plan's places at which the document stands.</summary>
    public bool IsFirstPlace(IndexEntry entry, byte[] body)
    {
        if (!plan.CanRepeat) { return true; }
        var first = indexes.KeysOf(plan.Index, body)
            .Where(key => plan.Ranges.Any(r => key.AsSpan().SequenceCompareTo(r.Low) >= 0 && key.AsSpan().SequenceCompareTo(r.High) < 0))
            .Min(ByteOrder.Instance);
        return first.AsSpan().SequenceEqual(entry.Key);
    }

    /// <summary>The rows of a document that pass the filter, with their aliases bound.</summary>
    public IEnumerable<Row> Rows(JsonElement document)
    {
        row.Slots[0] = SqlValue.From(document);
        return query.Select.Rows(row);
    }

    public Row Row => row;

    public byte[] ToJson(SqlValue value)
    {
        text.ResetWrittenCount();
        writer ??= new Utf8JsonWriter(text, Relaxed);
        writer.Reset(text);
        value.WriteTo(writer);
        writer.Flush();
        return text.WrittenSpan.ToArray();
    }

    public QueryPage Page(IReadOnlyList<ReadOnlyMemory<byte>> results, string? token) =>
        new(results, token, Charges.Query(Seen, Loaded, results.Sum(r => (long)r.Length)));

    private bool IsOfPartition(StoredDocument document) =>
        (request.Partition is null || document.Key.AsSpan().StartsWith(request.Partition.Bytes)) && request.Range?.Holds(document) != false;

    private static IEnumerable<IndexEntry> Upwards(SortedIndex entries, KeyRange range, byte[]? key, long number)
    {
        var resumes = key is not null && key.AsSpan().SequenceCompareTo(range.Low) > 0;
        return entries.Ascending(resumes ? key! : range.Low, resumes || key is not null && key.AsSpan().SequenceEqual(range.Low) ? number : long.MinValue)
            .TakeWhile(entry => entry.Key.AsSpan().SequenceCompareTo(range.High) < 0);
    }

    private static IEnumerable<IndexEntry> Downwards(SortedIndex entries, KeyRange range, byte[]? key, long number)
    {
        var resumes = key is not null && key.AsSpan().SequenceCompareTo(range.High) < 0;
        return entries.Descending(resumes ? key! : range.High, resumes ? number + 1 : long.MinValue)
            .TakeWhile(entry => entry.Key.AsSpan().SequenceCompareTo(range.Low) >= 0);
    }
}
