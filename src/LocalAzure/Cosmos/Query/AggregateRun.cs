using System.Text.Json;
using LocalAzure.Cosmos.Indexing;

namespace LocalAzure.Cosmos.Query;

/// <summary>Aggregates over everything: one result.</summary>
internal sealed class AggregateRun(CompiledQuery query, Plan plan, Walk walk)
{
    public QueryPage Run()
    {
        var accumulators = query.Select.Aggregates.Select(a => new Accumulator(a)).ToArray();
        if (query.OnlyCounts && plan is { Covered: true, CanRepeat: false })
        {
            // Where nothing expires every entry is a living document, and counting is arithmetic.
            var count = walk.CanCount ? plan.Count() : walk.Entries().LongCount();
            foreach (var accumulator in accumulators) { accumulator.AddCount(count); }
        }
        else { AddAll(accumulators); }

        for (var i = 0; i < accumulators.Length; i++) { walk.Row.Slots[query.Select.Aggregates[i].Slot] = accumulators[i].Result; }
        var result = query.Select.Project(walk.Row);
        var isGiven = !result.IsUndefined && query.Offset == 0 && query.Limit > 0;
        return walk.Page(isGiven ? [walk.ToJson(result)] : [], null);
    }

    private void AddAll(Accumulator[] accumulators)
    {
        foreach (var entry in walk.Entries())
        {
            var body = walk.Load(entry.Document);
            if (!walk.IsFirstPlace(entry, body)) { continue; }
            using var parsed = JsonDocument.Parse(body, DocumentIndexes.Deep);
            foreach (var row in walk.Rows(parsed.RootElement))
            {
                foreach (var accumulator in accumulators) { accumulator.Add(row); }
            }
        }
    }
}

/// <summary>GROUP BY: one result per combination of keys, in the order of the keys.</summary>
internal sealed class GroupedRun(CompiledQuery query, Walk walk)
{
    public IEnumerable<SortedResult> Results()
    {
        var groups = new Groups(query.Select);
        foreach (var entry in walk.Entries())
        {
            var body = walk.Load(entry.Document);
            if (!walk.IsFirstPlace(entry, body)) { continue; }
            using var parsed = JsonDocument.Parse(body, DocumentIndexes.Deep);
            foreach (var row in walk.Rows(parsed.RootElement)) { groups.Add(row); }
        }
        return groups.Results(walk.Row).Where(g => !g.Value.IsUndefined)
            .Select(g => new SortedResult(g.Key, 0, 0, walk.ToJson(g.Value)));
    }
}

/// <summary>What rows add up to, by the values of their keys; without keys there is one group, also of no rows.</summary>
internal sealed class Groups
{
    private readonly CompiledSelect select;
    private readonly Dictionary<string, (byte[] Key, SqlValue[] Values, Accumulator[] Accumulators)> groups = [];

    public Groups(CompiledSelect select)
    {
        this.select = select;
        if (select.Groups.Count == 0) { groups.Add("", ([], [], NewAccumulators())); }
    }

    public void Add(Row row)
    {
        var values = select.Groups.Select(g => g.Key(row)).ToArray();
        var key = SqlValue.Of(values).AddTo(new OrderedBytes()).ToArray();
        var identity = values.Length == 0 ? "" : Convert.ToHexString(key);
        if (!groups.TryGetValue(identity, out var group))
        {
            group = (key, [.. values.Select(v => v.Detached())], NewAccumulators());
            groups.Add(identity, group);
        }
        foreach (var accumulator in group.Accumulators) { accumulator.Add(row); }
    }

    /// <summary>One result per group; <paramref name="row"/> holds its keys and aggregates meanwhile.</summary>
    public IEnumerable<(byte[] Key, SqlValue Value)> Results(Row row)
    {
        foreach (var (key, values, accumulators) in groups.Values)
        {
            for (var i = 0; i < values.Length; i++) { row.Slots[select.Groups[i].Slot] = values[i]; }
            for (var i = 0; i < accumulators.Length; i++) { row.Slots[select.Aggregates[i].Slot] = accumulators[i].Result; }
            yield return (key, select.Project(row));
        }
    }

    private Accumulator[] NewAccumulators() => [.. select.Aggregates.Select(a => new Accumulator(a))];
}
