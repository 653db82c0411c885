using LocalAzure.Cosmos.Indexing;

namespace LocalAzure.Cosmos.Query;

/// <summary>What a filter says about the value at one path: disjoint ranges in ascending order that hold every value that can pass.</summary>
/// <param name="Ranges">None at all means that nothing can pass.</param>
/// <param name="Exact">Whether every value in the ranges passes.</param>
internal sealed record Constraint(IReadOnlyList<KeyRange> Ranges, bool Exact)
{
    /// <summary>The same in a composite index, where arrays and objects stand among what is undefined.</summary>
    public Constraint InComposite()
    {
        var holdsContainers = Ranges.Any(r => r.HoldsContainers);
        if (!holdsContainers && !Ranges.Any(r => r.HoldsUndefined)) { return this; }
        var scalars = Ranges.Select(KeyRange.Scalars.Intersect).Where(r => !r.IsEmpty).ToList();
        return new Constraint(holdsContainers && !scalars.Exists(r => r.HoldsUndefined) ? [KeyRange.Undefined, .. scalars] : scalars, false);
    }
}

/// <summary>Reads from a filter what it says about paths. Null means: nothing that an index could use. Never less than what can pass.</summary>
internal sealed class Constraints(IReadOnlyDictionary<string, string[]> aliases)
{
    private const int MaxRanges = 2000;

    /// <summary>Every path that a filter compares, so that the planner knows which indexes are worth having.</summary>
    public IEnumerable<string[]> PathsIn(Sql? filter) => filter switch
    {
        null => [],
        Sql.Member or Sql.Alias => PathOf(filter) is { } path ? [path] : [],
        Sql.Unary u => PathsIn(u.Operand),
        Sql.Binary b => PathsIn(b.Left).Concat(PathsIn(b.Right)),
        Sql.In i => PathsIn(i.Needle),
        Sql.Between b => PathsIn(b.Value),
        Sql.Like l => PathsIn(l.Value),
        Sql.Call { Name: "ARRAY_CONTAINS", Arguments: [var array, ..] } => PathOf(array) is { } path ? [[.. path, IndexedPath.Elements]] : [],
        Sql.Call { Arguments: [var first, ..] } => PathsIn(first),
        Sql.Exists { Query: var query } when Elements(query) is { } path => [path],
        _ => [],
    };

    public string[]? PathOf(Sql expression) => expression switch
    {
        Sql.Alias alias => aliases.GetValueOrDefault(alias.Name),
        Sql.Member { Name: Sql.Constant { Value: { Type: SqlType.String } name } } member when PathOf(member.Of) is { } of => [.. of, name.Text],
        _ => null,
    };

    public Constraint? On(string[] path, Sql? filter)
    {
        switch (filter)
        {
            case Sql.Binary { Operator: "AND" } and: return Both(On(path, and.Left), On(path, and.Right), path);
            case Sql.Binary { Operator: "OR" } or: return Either(On(path, or.Left), On(path, or.Right));
            case Sql.Binary { Operator: "=" or "<" or "<=" or ">" or ">=" } comparison: return Comparison(path, comparison);
            case Sql.In list when IsAt(list.Needle, path) && list.Values.All(v => v is Sql.Constant):
                return Union(list.Values.Select(v => Compared("=", ((Sql.Constant)v).Value)));
            case Sql.Between { Low: Sql.Constant low, High: Sql.Constant high } between when IsAt(between.Value, path):
                return Both(Compared(">=", low.Value), Compared("<=", high.Value), path);
            case Sql.Call { Name: "STARTSWITH", Arguments: [var text, Sql.Constant { Value: { Type: SqlType.String } start }] } when IsAt(text, path):
                return new Constraint([KeyRange.StartingWith(start.Text)], true);
            case Sql.Like { Escape: null, Pattern: Sql.Constant { Value: { Type: SqlType.String } pattern } } like when IsAt(like.Value, path):
                return new Constraint([KeyRange.StartingWith(pattern.Text.Split('%', '_', '[')[0])], false);
            case Sql.Call { Name: "IS_DEFINED", Arguments: [var value] } when IsAt(value, path): return new Constraint([KeyRange.Defined], true);
            case Sql.Unary { Operator: "NOT", Operand: Sql.Call { Name: "IS_DEFINED", Arguments: [var value] } } when IsAt(value, path):
                return new Constraint([KeyRange.Undefined], true);
            case Sql.Call { Name: "ARRAY_CONTAINS", Arguments: [var array, Sql.Constant item] }
                when path[^1] == IndexedPath.Elements && IsAt(array, path.AsSpan(..^1)):
                return Compared("=", item.Value) with { Exact = false };
            case Sql.Exists { Query: var query } when Elements(query) is { } elements && elements.SequenceEqual(path):
                var inside = new Constraints(new Dictionary<string, string[]> { [query.From[0].Alias] = path }).On(path, query.Where);
                return inside is null ? null : inside with { Exact = false };
            default: return null;
        }
    }

    /// <summary>The path of the elements that <c>EXISTS (SELECT … FROM x IN c.array WHERE …)</c> looks at.</summary>
    private string[]? Elements(SqlQuery query) =>
        query is { From: [{ Items: true, Path: { } array }], Where: not null } && PathOf(array) is { } path ? [.. path, IndexedPath.Elements] : null;

    private bool IsAt(Sql expression, ReadOnlySpan<string> path) => PathOf(expression) is { } at && path.SequenceEqual(at);

    private Constraint? Comparison(string[] path, Sql.Binary comparison) => comparison switch
    {
        { Right: Sql.Constant right } when IsAt(comparison.Left, path) => Compared(comparison.Operator, right.Value),
        { Left: Sql.Constant left } when IsAt(comparison.Right, path) => Compared(Mirrored(comparison.Operator), left.Value),
        _ => null,
    };

    private static string Mirrored(string symbol) => symbol switch { "<" => ">", "<=" => ">=", ">" => "<", ">=" => "<=", _ => symbol };

    private static Constraint Compared(string symbol, SqlValue value)
    {
        if (value.IsUndefined) { return new Constraint([], true); }
        // Arrays and objects have no order, and so nothing is less or greater than one.
        if (symbol != "=" && value.Type is SqlType.Array or SqlType.Object) { return new Constraint([], true); }
        return new Constraint([KeyRange.Compared(symbol, value)], true);
    }

    private static Constraint? Both(Constraint? left, Constraint? right, string[] path)
    {
        if (left is null || right is null) { return (left ?? right) is { } only ? only with { Exact = false } : null; }
        // Two statements about an array's elements may speak of two elements: keep the narrower one.
        if (path[^1] == IndexedPath.Elements) { return (left.Ranges.Count <= right.Ranges.Count ? left : right) with { Exact = false }; }
        var ranges = left.Ranges.SelectMany(l => right.Ranges.Select(r => l.Intersect(r))).Where(r => !r.IsEmpty).ToList();
        return new Constraint(ranges, left.Exact && right.Exact);
    }

    private static Constraint? Either(Constraint? left, Constraint? right) =>
        left is null || right is null ? null : Union([left, right]) is var union ? union with { Exact = false } : null;

    private static Constraint Union(IEnumerable<Constraint> parts)
    {
        var all = parts.ToList();
        var merged = new List<KeyRange>();
        foreach (var range in all.SelectMany(p => p.Ranges).Where(r => !r.IsEmpty).OrderBy(r => r.Low, ByteOrder.Instance))
        {
            if (merged.Count == 0 || merged[^1].High.AsSpan().SequenceCompareTo(range.Low) < 0) { merged.Add(range); }
            else if (merged[^1].High.AsSpan().SequenceCompareTo(range.High) < 0) { merged[^1] = new KeyRange(merged[^1].Low, range.High); }
        }
        // Too many to seek one by one: everything between the first and the last.
        return merged.Count > MaxRanges
            ? new Constraint([new KeyRange(merged[0].Low, merged[^1].High)], false)
            : new Constraint(merged, all.TrueForAll(p => p.Exact));
    }
}

internal sealed class ByteOrder : IComparer<byte[]>
{
    public static ByteOrder Instance { get; } = new();

    public int Compare(byte[]? x, byte[]? y) => x.AsSpan().SequenceCompareTo(y);
}
