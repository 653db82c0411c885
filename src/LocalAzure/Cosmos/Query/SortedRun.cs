using System.Text.Json;
using LocalAzure.Cosmos.Indexing;

namespace LocalAzure.Cosmos.Query;

/// <summary>A result with the bytes that it sorts by; equal ones by document and row.</summary>
internal sealed record SortedResult(byte[] Key, long Number, int Row, byte[] Json)
{
    public int CompareTo(byte[] key, long number, int row)
    {
        var byKey = Key.AsSpan().SequenceCompareTo(key);
        if (byKey != 0) { return byKey; }
        return Number != number ? Number.CompareTo(number) : Row.CompareTo(row);
    }

    /// <summary>The first results in order, holding on to no more than those.</summary>
    public static List<SortedResult> Smallest(IEnumerable<SortedResult> results, int count)
    {
        var kept = new SortedSet<SortedResult>(Comparer<SortedResult>.Create((a, b) => a.CompareTo(b.Key, b.Number, b.Row)));
        foreach (var result in results)
        {
            if (kept.Count == count && result.CompareTo(kept.Max!.Key, kept.Max.Number, kept.Max.Row) > 0) { continue; }
            kept.Add(result);
            if (kept.Count > count) { kept.Remove(kept.Max!); }
        }
        return [.. kept];
    }
}

/// <summary>Results whose order no walk gives: read them all, and let the caller keep the first.</summary>
internal sealed class SortedRun(CompiledQuery query, Walk walk)
{
    public IEnumerable<SortedResult> Results() => Rows().Select(r => new SortedResult(r.Key, r.Number, r.Row, r.Json));

    /// <summary>Every value once, at its first place; without an order, in the order of the values themselves.</summary>
    public IEnumerable<SortedResult> Distinct()
    {
        var first = new Dictionary<string, SortedResult>();
        foreach (var (key, value, json, _, _) in Rows())
        {
            var identity = Convert.ToHexString(value);
            byte[] place = [.. key, .. value];
            if (!first.TryGetValue(identity, out var known) || place.AsSpan().SequenceCompareTo(known.Key) < 0)
            {
                first[identity] = new SortedResult(place, 0, 0, json);
            }
        }
        return first.Values;
    }

    private IEnumerable<(byte[] Key, byte[] Value, byte[] Json, long Number, int Row)> Rows()
    {
        foreach (var entry in walk.Entries())
        {
            var body = walk.Load(entry.Document);
            if (!walk.IsFirstPlace(entry, body)) { continue; }
            using var parsed = JsonDocument.Parse(body, DocumentIndexes.Deep);
            var key = KeyOf(parsed.RootElement);
            if (key is null) { continue; }
            var rows = 0;
            foreach (var row in walk.Rows(parsed.RootElement))
            {
                rows++;
                var value = query.Select.Project(row);
                if (value.IsUndefined) { continue; }
                byte[] identity = query.Parsed.Select.Distinct ? value.ToOrderedBytes() : [];
                yield return (key, identity, query.IsSelectAll ? body : walk.ToJson(value), entry.Document.Number, rows);
            }
        }
    }

    private byte[]? KeyOf(JsonElement document)
    {
        var key = new List<byte>();
        foreach (var part in query.Order)
        {
            var value = new OrderedBytes().Add(Storage.PropertyPath.Value(document, part.Path)).ToArray();
            if (query.LeavesOutUndefined && value is [0x01]) { return null; }
            if (query.Order.Length > 1) { value = KeyIndex.InComposite(value); }
            key.AddRange(part.Descending ? KeyIndex.Inverted(value) : value);
        }
        return [.. key];
    }
}
