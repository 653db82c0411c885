using LocalAzure.Cosmos.Storage;

namespace LocalAzure.Cosmos.Indexing;

/// <summary>One place in an index: a key in <see cref="OrderedBytes"/> form and the document it stands for.</summary>
internal readonly record struct IndexEntry(byte[] Key, StoredDocument Document)
{
    public static int Compare(ReadOnlySpan<byte> leftKey, long leftNumber, in IndexEntry right)
    {
        var byKey = leftKey.SequenceCompareTo(right.Key);
        return byKey != 0 ? byKey : leftNumber.CompareTo(right.Document.Number);
    }
}

/// <summary>
/// Keys in byte order, equal keys by document number. Two levels: a list of blocks of at most <see cref="BlockSize"/> entries, so that a search is
/// two binary searches and an insert moves a few kilobytes. Readers and writers exclude each other by the container's lock.
/// </summary>
internal sealed class SortedIndex
{
    private const int BlockSize = 512;
    private const int FilledBlock = 448;
    private const int ExactBlocks = 8;

    private readonly List<Block> blocks = [];

    public int Count { get; private set; }

    /// <summary>An index of many entries at once, in any order.</summary>
    public static SortedIndex Build(List<IndexEntry> entries)
    {
        var sorted = BulkSort.Sort(entries);
        var index = new SortedIndex { Count = entries.Count };
        for (var i = 0; i < entries.Count; i += FilledBlock) { index.blocks.Add(new Block(sorted, i, Math.Min(FilledBlock, entries.Count - i))); }
        return index;
    }

    public void Insert(byte[] key, StoredDocument document)
    {
        if (blocks.Count == 0) { blocks.Add(new Block()); }
        var at = Math.Max(0, BlockOf(key, document.Number));
        var block = blocks[at];
        var position = block.LowerBound(key, document.Number);
        // Many documents share a value (a type, a status): they share its bytes too.
        if (position > 0 && block.Entries[position - 1].Key.AsSpan().SequenceEqual(key)) { key = block.Entries[position - 1].Key; }
        if (block.Count == BlockSize)
        {
            // Ascending loads (time-ordered ids) leave full blocks behind; random ones split in the middle.
            var upper = block.Split(position == BlockSize ? BlockSize - 16 : BlockSize / 2);
            blocks.Insert(at + 1, upper);
            if (position > block.Count) { position -= block.Count; block = upper; }
        }
        block.Insert(position, new IndexEntry(key, document));
        Count++;
    }

    public bool Remove(ReadOnlySpan<byte> key, long number)
    {
        var at = BlockOf(key, number);
        if (at < 0) { return false; }
        var block = blocks[at];
        var position = block.LowerBound(key, number);
        if (position == block.Count || IndexEntry.Compare(key, number, block.Entries[position]) != 0) { return false; }
        block.Remove(position);
        if (block.Count == 0) { blocks.RemoveAt(at); }
        Count--;
        return true;
    }

    /// <summary>The first document with exactly this key.</summary>
    public StoredDocument? Find(ReadOnlySpan<byte> key)
    {
        foreach (var entry in Ascending(key.ToArray(), long.MinValue))
        {
            return key.SequenceEqual(entry.Key) ? entry.Document : null;
        }
        return null;
    }

    /// <summary>Entries from (<paramref name="key"/>, <paramref name="number"/>) on, upwards, that place included.</summary>
    public IEnumerable<IndexEntry> Ascending(byte[] key, long number = long.MinValue)
    {
        var at = Math.Max(0, BlockOf(key, number));
        var position = at < blocks.Count ? blocks[at].LowerBound(key, number) : 0;
        for (; at < blocks.Count; at++, position = 0)
        {
            var block = blocks[at];
            for (; position < block.Count; position++) { yield return block.Entries[position]; }
        }
    }

    /// <summary>Entries below (<paramref name="key"/>, <paramref name="number"/>), downwards, that place left out.</summary>
    public IEnumerable<IndexEntry> Descending(byte[] key, long number = long.MinValue)
    {
        var at = BlockOf(key, number);
        if (at < 0) { yield break; }
        var position = blocks[at].LowerBound(key, number) - 1;
        while (true)
        {
            var block = blocks[at];
            for (; position >= 0; position--) { yield return block.Entries[position]; }
            if (--at < 0) { yield break; }
            position = blocks[at].Count - 1;
        }
    }

    /// <summary>How many entries lie in [<paramref name="from"/>, <paramref name="to"/>), block by block.</summary>
    public long CountBetween(byte[] from, byte[] to)
    {
        if (blocks.Count == 0 || from.AsSpan().SequenceCompareTo(to) >= 0) { return 0; }
        var (firstBlock, lastBlock) = (Math.Max(0, BlockOf(from, long.MinValue)), Math.Max(0, BlockOf(to, long.MinValue)));
        var (first, last) = (blocks[firstBlock].LowerBound(from, long.MinValue), blocks[lastBlock].LowerBound(to, long.MinValue));
        if (firstBlock == lastBlock) { return last - first; }
        var count = (long)blocks[firstBlock].Count - first + last;
        for (var i = firstBlock + 1; i < lastBlock; i++) { count += blocks[i].Count; }
        return count;
    }

    /// <summary>About as many, without visiting the blocks in between: for comparing plans, not for answers.</summary>
    public long EstimateBetween(byte[] from, byte[] to)
    {
        var (first, last) = (Math.Max(0, BlockOf(from, long.MinValue)), Math.Max(0, BlockOf(to, long.MinValue)));
        return last - first < ExactBlocks ? CountBetween(from, to) : (long)Count * (last - first) / blocks.Count;
    }

    /// <summary>The last block whose first entry is not above the place; -1 when every block is above it.</summary>
    private int BlockOf(ReadOnlySpan<byte> key, long number)
    {
        var (low, high) = (0, blocks.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (IndexEntry.Compare(key, number, blocks[middle].Entries[0]) < 0) { high = middle; } else { low = middle + 1; }
        }
        return low - 1;
    }

    private sealed class Block
    {
        public Block() => Entries = new IndexEntry[16];

        public Block(IndexEntry[] sorted, int from, int count)
        {
            Entries = new IndexEntry[BlockSize];
            Count = count;
            for (var i = 0; i < count; i++)
            {
                var entry = sorted[from + i];
                Entries[i] = i > 0 && entry.Key.AsSpan().SequenceEqual(Entries[i - 1].Key) ? entry with { Key = Entries[i - 1].Key } : entry;
            }
        }

        public IndexEntry[] Entries { get; private set; }
        public int Count { get; private set; }

        public int LowerBound(ReadOnlySpan<byte> key, long number)
        {
            var (low, high) = (0, Count);
            while (low < high)
            {
                var middle = (low + high) / 2;
                if (IndexEntry.Compare(key, number, Entries[middle]) > 0) { low = middle + 1; } else { high = middle; }
            }
            return low;
        }

        public void Insert(int position, IndexEntry entry)
        {
            if (Count == Entries.Length) { Resize(Math.Min(BlockSize, Count * 2)); }
            Array.Copy(Entries, position, Entries, position + 1, Count - position);
            Entries[position] = entry;
            Count++;
        }

        public void Remove(int position)
        {
            Count--;
            Array.Copy(Entries, position + 1, Entries, position, Count - position);
            Entries[Count] = default;
        }

        public Block Split(int at)
        {
            var upper = new Block { Entries = new IndexEntry[BlockSize], Count = Count - at };
            Array.Copy(Entries, at, upper.Entries, 0, upper.Count);
            Array.Clear(Entries, at, upper.Count);
            Count = at;
            return upper;
        }

        private void Resize(int size)
        {
            var larger = new IndexEntry[size];
            Array.Copy(Entries, larger, Count);
            Entries = larger;
        }
    }
}
