using LocalAzure.Cosmos.Indexing;
using LocalAzure.Cosmos.Storage;

namespace LocalAzure.Cosmos.Query;

/// <summary>Which index to walk, where, and what the walk makes unnecessary.</summary>
/// <param name="Index">The index to walk.</param>
/// <param name="Ranges">Where to walk, in ascending order.</param>
/// <param name="Reverse">Downwards.</param>
/// <param name="Ordered">The walk meets documents in the order that the query asks for.</param>
/// <param name="Covered">Every document that the walk meets passes the filter.</param>
internal sealed record Plan(KeyIndex Index, IReadOnlyList<KeyRange> Ranges, bool Reverse, bool Ordered, bool Covered)
{
    /// <summary>How many entries the walk meets.</summary>
    public long Count() => Ranges.Sum(range => Index.Entries.CountBetween(range.Low, range.High));

    /// <summary>About how many, exact where there are few. A filter that need not be evaluated makes a walk cheaper.</summary>
    public double Cost { get; } = Ranges.Sum(range => Index.Entries.EstimateBetween(range.Low, range.High)) * (Covered ? 0.5 : 1);

    /// <summary>A document can be met more than once: under several of an array's elements.</summary>
    public bool CanRepeat => Index.IsOfElements && Ranges is not [{ IsPoint: true }];
}

/// <summary>One part of ORDER BY that is a path in the document.</summary>
internal sealed record OrderPath(string[] Path, bool Descending);

/// <summary>Chooses a plan by how many entries lie between its keys, which the indexes know at next to no cost.</summary>
internal sealed class Planner(
    ContainerSettings settings, DocumentIndexes indexes, PartitionKey? partition, Sql? filter, Constraints constraints, IReadOnlyList<OrderPath> order)
{
    private const int MaxRanges = 2000;
    private const int NotWorthAnIndex = 1000;

    private readonly Sql[] conjuncts = [.. Conjuncts(filter)];

    /// <summary>A path that the policy covers and that this query would like an index on, when there is none yet.</summary>
    public string[]? MissingIndex()
    {
        if (Candidate(indexes.PrimaryKey).Cost <= NotWorthAnIndex) { return null; }
        // An order by several paths has its composite index; one by a single path may have to have its index made.
        var single = order is [var only] ? only.Path : null;
        return constraints.PathsIn(filter).Prepend(single ?? []).FirstOrDefault(path =>
            path.Length > 0 && settings.Indexing.IsIndexed(path) && indexes.Find(KeyIndex.NameOf(new CompositePath(path, false))) is null
            && (path == single || On(path) is not null));
    }

    public Plan Choose(int pageSize)
    {
        var usable = indexes.Secondary.Where(index => !index.IsOfElements || On(index.Parts[0].Path) is not null).Append(indexes.PrimaryKey);
        var candidates = usable.Select(Candidate).ToList();
        var narrowest = candidates.MinBy(plan => plan.Cost)!;
        if (order.Count == 0) { return narrowest; }
        var walks = candidates.Where(plan => plan.Ordered).ToList();
        if (walks.Count == 0) { return narrowest; }
        var walk = walks.MinBy(plan => plan.Cost)!;
        // A walk in order passes by documents that the filter drops; sorting reads everything that another index lets through.
        var expected = Math.Min(walk.Cost, pageSize * walk.Cost / Math.Max(1, narrowest.Cost));
        return expected <= narrowest.Cost ? walk : narrowest with { Ordered = false };
    }

    /// <summary>The plan that an earlier page of the same query followed; null when its index is gone.</summary>
    public Plan? Again(string indexName)
    {
        var index = indexName == indexes.PrimaryKey.Name ? indexes.PrimaryKey : indexes.Find(indexName);
        return index is null ? null : Candidate(index);
    }

    private Plan Candidate(KeyIndex index)
    {
        var ranges = new List<KeyRange> { KeyRange.Everything };
        var prefixes = new List<byte[]> { Array.Empty<byte>() };
        var used = new List<string[]>();
        foreach (var part in index.Parts)
        {
            if (In(index, On(part.Path)) is not { } constraint || prefixes.Count * (long)constraint.Ranges.Count > MaxRanges) { break; }
            used.Add(part.Path);
            var values = part.Descending ? constraint.Ranges.Reverse().Select(r => r.Inverted()).ToArray() : [.. constraint.Ranges];
            ranges = [.. prefixes.SelectMany(prefix => values.Select(value => value.Behind(prefix) with { IsPoint = value.IsPoint }))];
            if (!Array.TrueForAll(values, value => value.IsPoint)) { break; }
            prefixes = [.. ranges.Select(range => range.Low)];
        }
        var direction = Direction(index);
        var covered = (partition is null || used.Any(IsPartitionPath))
            && Array.TrueForAll(conjuncts, c => used.Any(path => In(index, constraints.On(path, c)) is { Exact: true }));
        // A composite index sorts arrays and objects as an order by several properties does, and not as an order by one.
        var ordered = direction is not null && (order.Count > 1 || (order.Count == 1 && !IsComposite(index)));
        return new Plan(index, ranges, direction ?? false, ordered, covered);
    }

    private Constraint? In(KeyIndex index, Constraint? constraint) => IsComposite(index) ? constraint?.InComposite() : constraint;

    private bool IsComposite(KeyIndex index) => index.Parts.Length > 1 && index != indexes.PrimaryKey;

    /// <summary>False when walking the index upwards gives the order asked for, true when walking it downwards does, null when neither.</summary>
    private bool? Direction(KeyIndex index)
    {
        var next = 0;
        bool? reverse = null;
        foreach (var part in index.Parts)
        {
            while (next < order.Count && !order[next].Path.SequenceEqual(part.Path) && IsSinglePoint(order[next].Path)) { next++; }
            var isOrdering = next < order.Count && order[next].Path.SequenceEqual(part.Path);
            if (!isOrdering && !IsSinglePoint(part.Path)) { return null; }
            if (!isOrdering) { continue; }
            var turned = part.Descending != order[next++].Descending;
            if (IsSinglePoint(part.Path)) { continue; }
            if (reverse is not null && reverse != turned) { return null; }
            reverse = turned;
        }
        while (next < order.Count && IsSinglePoint(order[next].Path)) { next++; }
        return next == order.Count && !index.IsOfElements ? reverse ?? false : null;
    }

    private bool IsSinglePoint(string[] path) => On(path) is { Ranges: [{ IsPoint: true }] };

    private Constraint? On(string[] path)
    {
        var constraint = constraints.On(path, filter);
        if (partition is not null && IsPartitionPath(path))
        {
            var point = new KeyRange(partition.Bytes, OrderedBytes.AfterPrefix(partition.Bytes), IsPoint: true);
            constraint = new Constraint(constraint is null ? [point] : [.. constraint.Ranges.Select(point.Intersect).Where(r => !r.IsEmpty)], false);
        }
        // An order whose index leaves out documents without the property leaves them out here too.
        if (order is [var only] && only.Path.SequenceEqual(path) && !settings.Indexing.HoldsUndefined(path))
        {
            constraint = constraint is null
                ? new Constraint([KeyRange.Defined], false)
                : constraint with { Ranges = [.. constraint.Ranges.Select(KeyRange.Defined.Intersect).Where(r => !r.IsEmpty)] };
        }
        return constraint;
    }

    private bool IsPartitionPath(string[] path) => path.SequenceEqual(settings.PartitionKey);

    private static IEnumerable<Sql> Conjuncts(Sql? filter) => filter switch
    {
        null => [],
        Sql.Binary { Operator: "AND" } and => Conjuncts(and.Left).Concat(Conjuncts(and.Right)),
        _ => [filter],
    };
}
