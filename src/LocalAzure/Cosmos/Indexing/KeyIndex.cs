namespace LocalAzure.Cosmos.Indexing;

/// <summary>One index: the paths whose values make its keys, and the keys. An index on an array's elements holds a document once per distinct element.</summary>
internal sealed class KeyIndex
{
    private static readonly byte[] Undefined = new OrderedBytes().AddUndefined().ToArray();

    private readonly int[] slots;

    public KeyIndex(CompositePath[] parts, PathExtractor extractor)
    {
        Parts = parts;
        Name = NameOf(parts);
        slots = [.. parts.Select(p => extractor.SlotOf(p.Path))];
    }

    public CompositePath[] Parts { get; }
    public string Name { get; }
    public SortedIndex Entries { get; set; } = new();
    public bool IsOfElements => Parts[0].Path[^1] == IndexedPath.Elements;

    public static string NameOf(params CompositePath[] parts) =>
        string.Join(',', parts.Select(p => $"/{string.Join('/', p.Path)}{(p.Descending ? "-" : "")}"));

    public IEnumerable<byte[]> KeysOf(List<byte[]>[] values)
    {
        if (IsOfElements) { return values[slots[0]].Count < 2 ? values[slots[0]] : values[slots[0]].DistinctBy(Convert.ToHexString); }
        if (slots.Length == 1) { return values[slots[0]] is [var only] ? [only] : [Undefined]; }
        var key = new List<byte>();
        for (var i = 0; i < slots.Length; i++)
        {
            var value = InComposite(values[slots[i]] is [var only] ? only : Undefined);
            if (Parts[i].Descending) { key.AddRange(Inverted(value)); } else { key.AddRange(value); }
        }
        return [key.ToArray()];
    }

    /// <summary>What a composite index holds of a value: an array or an object is undefined there.</summary>
    public static byte[] InComposite(byte[] value) => OrderedBytes.IsScalar(value) ? value : Undefined;

    /// <summary>The bytes whose order is the opposite one: how a descending part of a composite index is kept.</summary>
    public static byte[] Inverted(ReadOnlySpan<byte> value)
    {
        var inverted = value.ToArray();
        for (var i = 0; i < inverted.Length; i++) { inverted[i] = (byte)~inverted[i]; }
        return inverted;
    }
}
