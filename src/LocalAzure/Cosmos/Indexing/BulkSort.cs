using System.Buffers.Binary;

namespace LocalAzure.Cosmos.Indexing;

/// <summary>
/// Sorts an index's entries when it is built. Keys of one index begin alike (a type, a year), so what they share is skipped and the next eight bytes are
/// compared as one number; only runs that are equal in those are compared in full.
/// </summary>
internal static class BulkSort
{
    public static IndexEntry[] Sort(List<IndexEntry> entries)
    {
        var sorted = entries.ToArray();
        var shared = SharedPrefix(sorted);
        var heads = Array.ConvertAll(sorted, entry => Head(entry.Key.AsSpan(shared)));
        Array.Sort(heads, sorted);
        for (var start = 0; start < sorted.Length;)
        {
            var end = start + 1;
            while (end < sorted.Length && heads[end] == heads[start]) { end++; }
            if (end - start > 1) { SortRun(sorted, start, end - start); }
            start = end;
        }
        return sorted;
    }

    private static void SortRun(IndexEntry[] entries, int start, int count)
    {
        var run = entries.AsSpan(start, count);
        var first = run[0].Key;
        var isOneKey = true;
        foreach (var entry in run) { isOneKey = isOneKey && entry.Key.AsSpan().SequenceEqual(first); }
        if (isOneKey) { run.Sort((left, right) => left.Document.Number.CompareTo(right.Document.Number)); }
        else { run.Sort((left, right) => IndexEntry.Compare(left.Key, left.Document.Number, right)); }
    }

    private static int SharedPrefix(IndexEntry[] entries)
    {
        if (entries.Length == 0) { return 0; }
        var shared = entries[0].Key.AsSpan();
        foreach (var entry in entries) { shared = shared[..shared.CommonPrefixLength(entry.Key)]; }
        return shared.Length;
    }

    /// <summary>Up to eight bytes as a number in their order; a shorter key is filled with zeros, so that a longer one never comes before it.</summary>
    private static ulong Head(ReadOnlySpan<byte> key)
    {
        if (key.Length >= 8) { return BinaryPrimitives.ReadUInt64BigEndian(key); }
        Span<byte> padded = stackalloc byte[8];
        key.CopyTo(padded);
        return BinaryPrimitives.ReadUInt64BigEndian(padded);
    }
}
