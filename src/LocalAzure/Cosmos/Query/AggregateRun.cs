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
        var groups = new Dictionary<string, (byte[] Key, SqlValue[] Values, Accumulator[] Accumulators)>();
        foreach (var entry in walk.Entries())
        {
            var body = walk.Load(entry.Document);
            if (!walk.IsFirstPlace(entry, body)) { continue; }
            using var parsed = JsonDocument.Parse(body, DocumentIndexes.Deep);
            foreach (var row in walk.Rows(parsed.RootElement)) { Add(groups, row); }
        }
        foreach (var (key, values, accumulators) in groups.Values)
        {
            for (var i = 0; i < values.Length; i++) { walk.Row.Slots[query.Select.Groups[i].Slot] = values[i]; }
            for (var i = 0; i < accumulators.Length; i++) { walk.Row.Slots[query.Select.Aggregates[i].Slot] = accumulators[i].Result; }
            var result = query.Select.Project(walk.Row);
            if (!result.IsUndefined) { yield return new SortedResult(key, 0, 0, walk.ToJson(result)); }
        }
    }

    private void Add(Dictionary<string, (byte[] Key, SqlValue[] Values, Accumulator[] Accumulators)> groups, Row row)
    {
        var values = query.Select.Groups.Select(g => g.Key(row)).ToArray();
        var key = SqlValue.Of(values).AddTo(new OrderedBytes()).ToArray();
        var identity = Convert.ToHexString(key);
        if (!groups.TryGetValue(identity, out var group))
        {
            group = (key, [.. values.Select(v => v.Detached())], [.. query.Select.Aggregates.Select(a => new Accumulator(a))]);
            groups.Add(identity, group);
        }
        foreach (var accumulator in group.Accumulators) { accumulator.Add(row); }
    }
}
