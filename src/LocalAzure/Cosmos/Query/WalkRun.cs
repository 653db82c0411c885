using System.Text.Json;
using LocalAzure.Cosmos.Indexing;

namespace LocalAzure.Cosmos.Query;

/// <summary>A page read straight off an index, in its order.</summary>
internal sealed class WalkRun(CompiledQuery query, Plan plan, Walk walk, QueryRequest request, Continuation? from)
{
    // As the service does, a page ends early when it has become large or when much was read for little; the client asks on.
    private const int MaxBytes = 4 * 1024 * 1024;
    private const int MaxLoaded = 50_000;

    private readonly List<ReadOnlyMemory<byte>> results = [];
    private int skip = from?.Skip ?? query.Offset;
    private int left = from?.Left ?? query.Limit;
    private long bytes;

    private bool IsFull => results.Count >= request.PageSize || bytes >= MaxBytes || walk.Loaded >= MaxLoaded;

    public QueryPage Run()
    {
        if (left == 0) { return walk.Page([], null); }
        (IndexEntry Entry, int Rows)? last = null;
        foreach (var entry in walk.Entries(from?.Key, from?.Number ?? 0))
        {
            var isResumed = from is not null && entry.Document.Number == from.Number && entry.Key.AsSpan().SequenceEqual(from.Key);
            if (isResumed && from!.Rows == Continuation.AllRows) { continue; }
            if (IsFull) { return Unfinished(last!.Value); }
            last = (entry, Take(entry, isResumed ? from!.Rows : 0));
            if (left == 0) { return walk.Page(results, null); }
            if (last.Value.Rows != Continuation.AllRows) { return Unfinished(last.Value); }
        }
        return walk.Page(results, null);
    }

    /// <summary>Takes rows of one document until it is done or the page is full, and says how many it has given in all.</summary>
    private int Take(IndexEntry entry, int given)
    {
        var body = walk.Load(entry.Document);
        if (!walk.IsFirstPlace(entry, body)) { return Continuation.AllRows; }
        if (query.IsSelectAll && plan.Covered)
        {
            Give(body);
            return Continuation.AllRows;
        }
        using var parsed = JsonDocument.Parse(body, DocumentIndexes.Deep);
        var rows = 0;
        foreach (var row in walk.Rows(parsed.RootElement))
        {
            if (rows++ < given) { continue; }
            if (IsFull) { return rows - 1; }
            var value = query.Select.Project(row);
            if (!value.IsUndefined) { Give(query.IsSelectAll ? body : walk.ToJson(value)); }
            if (left == 0) { return rows; }
        }
        return Continuation.AllRows;
    }

    private void Give(byte[] json)
    {
        if (skip > 0) { skip--; return; }
        results.Add(json);
        bytes += json.Length;
        if (left != int.MaxValue) { left--; }
    }

    private QueryPage Unfinished((IndexEntry Entry, int Rows) last) =>
        walk.Page(results, new Continuation(request.Fingerprint, plan.Index.Name, last.Entry.Key, last.Entry.Document.Number, last.Rows, skip, left).ToToken());
}
