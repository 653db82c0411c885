using LocalAzure.Cosmos.Indexing;

namespace LocalAzure.Cosmos.Query;

/// <summary>A run of keys.</summary>
/// <param name="Low">Where it begins; this key belongs to it.</param>
/// <param name="High">Where it ends; this key does not belong to it.</param>
/// <param name="IsPoint">Whether the range is one value: all keys in it begin with that value's bytes.</param>
internal readonly record struct KeyRange(byte[] Low, byte[] High, bool IsPoint = false)
{
    private static readonly byte[] AfterUndefined = OrderedBytes.AfterPrefix(new OrderedBytes().AddUndefined().Written);

    public static KeyRange Everything { get; } = new([], [0xFF, 0xFF, 0xFF, 0xFF]);

    /// <summary>Every value but undefined.</summary>
    public static KeyRange Defined { get; } = new(AfterUndefined, [0xFF]);

    public static KeyRange Undefined { get; } = new(new OrderedBytes().AddUndefined().ToArray(), AfterUndefined, IsPoint: true);

    /// <summary>Everything but arrays and objects.</summary>
    public static KeyRange Scalars { get; } = new([], OrderedBytes.Containers);

    public bool HoldsUndefined => Low.AsSpan().SequenceCompareTo(AfterUndefined) < 0;

    public bool HoldsContainers => High.AsSpan().SequenceCompareTo(OrderedBytes.Containers) > 0;

    public bool IsEmpty => Low.AsSpan().SequenceCompareTo(High) >= 0;

    public static KeyRange Point(SqlValue value)
    {
        var bytes = value.ToOrderedBytes();
        return new KeyRange(bytes, OrderedBytes.AfterPrefix(bytes), IsPoint: true);
    }

    public static KeyRange StartingWith(string text)
    {
        // Without the two bytes that end a string.
        var bytes = SqlValue.Of(text).ToOrderedBytes()[..^2];
        return new KeyRange(bytes, OrderedBytes.AfterPrefix(bytes));
    }

    /// <summary>What a comparison with a constant leaves: values of the constant's type only.</summary>
    public static KeyRange Compared(string symbol, SqlValue value)
    {
        var (point, type) = (Point(value), OfType(value));
        return symbol switch
        {
            "=" => point,
            "<" => type with { High = point.Low },
            "<=" => type with { High = point.High },
            ">" => type with { Low = point.High },
            _ => type with { Low = point.Low },
        };
    }

    public KeyRange Intersect(KeyRange other) => new(
        Low.AsSpan().SequenceCompareTo(other.Low) > 0 ? Low : other.Low,
        High.AsSpan().SequenceCompareTo(other.High) < 0 ? High : other.High,
        IsPoint || other.IsPoint);

    /// <summary>The range behind a key's earlier parts.</summary>
    public KeyRange Behind(byte[] prefix) => new([.. prefix, .. Low], [.. prefix, .. High]);

    /// <summary>The same values in the bytes of a descending part of an index. Encodings are prefix-free, so inverting them turns their order around.</summary>
    public KeyRange Inverted()
    {
        var low = KeyIndex.Inverted(Low);
        return IsPoint ? new(low, OrderedBytes.AfterPrefix(low), true) : new(OrderedBytes.AfterPrefix(KeyIndex.Inverted(High)), OrderedBytes.AfterPrefix(low));
    }

    private static KeyRange OfType(SqlValue value) => value.Type switch
    {
        SqlType.Boolean => new KeyRange(SqlValue.Of(false).ToOrderedBytes(), Point(SqlValue.Of(true)).High),
        _ => new KeyRange(value.ToOrderedBytes()[..1], OrderedBytes.AfterPrefix(value.ToOrderedBytes().AsSpan(0, 1))),
    };
}
