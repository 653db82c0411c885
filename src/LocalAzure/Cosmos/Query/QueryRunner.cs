using LocalAzure.Cosmos.Indexing;
using LocalAzure.Cosmos.Storage;

namespace LocalAzure.Cosmos.Query;

/// <summary>Runs one page of a query against one container.</summary>
internal sealed class QueryRunner
{
    private readonly ContainerStore store;
    private readonly QueryRequest request;
    private readonly CompiledQuery query;
    private readonly Continuation? from;

    private QueryRunner(ContainerStore store, QueryRequest request, TimeProvider clock)
    {
        this.store = store;
        this.request = request;
        query = CompiledQuery.Compile(request, store.Settings, clock);
        from = request.Token is null ? null : Continuation.Parse(request.Token, request.Fingerprint);
    }

    public static QueryPage Run(ContainerStore store, QueryRequest request, TimeProvider clock)
    {
        var runner = new QueryRunner(store, request, clock);
        if (runner.query.Parsed.From.Count == 0) { return runner.WithoutContainer(); }
        // An index that is wanted and not there is made once, outside the read, and the query starts over.
        while (true)
        {
            var (page, missing) = store.Read(runner.TryRun);
            if (page is not null) { return page; }
            store.EnsureIndex(missing!);
        }
    }

    private (QueryPage? Page, string[]? Missing) TryRun(DocumentIndexes indexes)
    {
        var read = query.Counted ?? query;
        var planner = new Planner(store.Settings, indexes, request.Partition, read.Parsed.Where, read.Constraints, read.Order);
        if (planner.MissingIndex() is { } missing) { return (null, missing); }
        var plan = from?.Index is { } index ? planner.Again(index) ?? throw Continuation.Invalid() : planner.Choose(request.PageSize);
        var walk = new Walk(store, indexes, read, plan, request);
        if (query.Counted is not null) { return (Counted(walk), null); }
        if (query.Select.Aggregates.Count > 0 && query.Select.Groups.Count == 0) { return (new AggregateRun(query, plan, walk).Run(), null); }
        if (query.Select.IsGrouped) { return (Sorted(walk, new GroupedRun(query, walk).Results()), null); }
        if (query.Parsed.Select.Distinct) { return (Sorted(walk, new SortedRun(query, walk).Distinct()), null); }
        var inOrder = query.Order.Length == 0 || plan.Ordered;
        // A query that began sorted goes on sorted: its continuation speaks of sort keys.
        var page = inOrder && from is not { Index: null }
            ? new WalkRun(query, plan, walk, request, from).Run()
            : Sorted(walk, new SortedRun(query, walk).Results());
        return (page, null);
    }

    /// <summary>One row, of nothing: no document is read for it.</summary>
    private QueryPage WithoutContainer()
    {
        var values = SelectCompiler.Values(query.Parsed, query.Select)(new Row(query.SlotCount));
        return new QueryPage([.. values.Select(value => (ReadOnlyMemory<byte>)value.ToJson())], null, Charges.Query(0, 0, 0));
    }

    private QueryPage Counted(Walk walk)
    {
        var count = new SortedRun(query.Counted!, walk).Distinct().LongCount();
        var row = new Row(query.SlotCount);
        foreach (var aggregate in query.Select.Aggregates) { row.Slots[aggregate.Slot] = SqlValue.Of((double)count); }
        var result = query.Select.Project(row);
        return walk.Page(!result.IsUndefined && query.Offset == 0 && query.Limit > 0 ? [walk.ToJson(result)] : [], null);
    }

    private QueryPage Sorted(Walk walk, IEnumerable<SortedResult> results)
    {
        var (skip, left) = (from?.Skip ?? query.Offset, from?.Left ?? query.Limit);
        var wanted = (int)Math.Min((long)skip + Math.Min(request.PageSize, left) + 1, int.MaxValue);
        var first = SortedResult.Smallest(results.Where(r => from is null || r.CompareTo(from.Key, from.Number, from.Rows) > 0), wanted);
        var page = first.Skip(skip).Take(Math.Min(request.PageSize, left)).ToList();
        var more = first.Count > skip + page.Count && left > page.Count && page.Count > 0;
        var rest = left == int.MaxValue ? left : left - page.Count;
        var token = more ? new Continuation(request.Fingerprint, null, page[^1].Key, page[^1].Number, page[^1].Row, 0, rest).ToToken() : null;
        return walk.Page([.. page.Select(r => (ReadOnlyMemory<byte>)r.Json)], token);
    }
}
