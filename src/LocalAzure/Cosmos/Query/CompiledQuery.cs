using LocalAzure.Cosmos.Indexing;
using LocalAzure.Cosmos.Storage;

namespace LocalAzure.Cosmos.Query;

/// <summary>A query checked against its container and ready to run.</summary>
internal sealed class CompiledQuery
{
    private CompiledQuery(SqlQuery sql, CompiledSelect select, Scope scope, Constraints constraints, OrderPath[] order, IndexingPolicy policy)
    {
        LeavesOutUndefined = order is [var only] && !policy.HoldsUndefined(only.Path);
        Parsed = sql;
        Select = select;
        SlotCount = scope.SlotCount;
        Constraints = constraints;
        Order = order;
        Offset = SelectCompiler.WholeNumber(sql.Offset, "OFFSET") ?? 0;
        Limit = SelectCompiler.WholeNumber(sql.Limit ?? sql.Top, sql.Top is null ? "LIMIT" : "TOP") ?? int.MaxValue;
    }

    /// <summary>The query whose different results this one counts.</summary>
    public CompiledQuery? Counted { get; private init; }

    public SqlQuery Parsed { get; }
    public CompiledSelect Select { get; }
    public int SlotCount { get; }
    public Constraints Constraints { get; }
    public OrderPath[] Order { get; }
    /// <summary>Ordered by a property of which only the defined values are indexed.</summary>
    public bool LeavesOutUndefined { get; }
    public int Offset { get; }
    public int Limit { get; }

    /// <summary>Documents are the rows: <c>FROM c</c> and nothing else.</summary>
    public bool IsOfDocuments => Parsed.From is [{ Items: false, Path: Sql.Alias }];

    public bool IsSelectAll => Parsed.Select is { Star: true, Distinct: false } && IsOfDocuments;

    /// <summary>Only counts documents: <c>COUNT(1)</c> and nothing that looks into one.</summary>
    public bool OnlyCounts =>
        IsOfDocuments && Select.Groups.Count == 0 && Select.Aggregates.Count > 0
        && Grouping.Split(Parsed).Aggregates.TrueForAll(a => a is { Name: "COUNT", Arguments: [Sql.Constant { Value.IsUndefined: false }] });

    public static CompiledQuery Compile(QueryRequest request, ContainerSettings settings, TimeProvider clock)
    {
        var sql = Parser.Parse(request.Text, request.Parameters);
        if (request.SpansPartitions && sql.ComposesAggregates)
        {
            throw CosmosRefusal.BadRequest("Compositions of aggregates and other expressions are not allowed.");
        }
        return CountsDistinct(sql) ? CompileCount(sql, settings, clock.GetUtcNow()) : Compile(sql, settings, clock.GetUtcNow());
    }

    private static CompiledQuery Compile(SqlQuery sql, ContainerSettings settings, DateTimeOffset now)
    {
        var scope = NewScope();
        var select = SelectCompiler.Compile(sql, scope, now, outer: null);
        var constraints = new Constraints(sql.From.Count == 0 ? [] : AliasOf(sql.From[0]));
        if (sql.OrderBy.Count > 0 && sql.GroupBy.Count > 0)
        {
            throw CosmosRefusal.BadRequest("'ORDER BY' is not supported in presence of 'GROUP BY'.");
        }
        if (sql.OrderBy.Count > 0 && select.IsGrouped) { throw CosmosRefusal.NotImplemented("ORDER BY together with aggregates"); }
        if (sql.Select.Distinct && select.IsGrouped) { throw CosmosRefusal.NotImplemented("DISTINCT together with GROUP BY or aggregates"); }
        var order = sql.OrderBy.Select(o => new OrderPath(constraints.PathOf(o.By) is { Length: > 0 } path ? path : throw NotAPath(), o.Descending)).ToArray();
        CheckOrder(order, settings.Indexing);
        return new CompiledQuery(sql, select, scope, constraints, order, settings.Indexing);
    }

    /// <summary><c>SELECT … COUNT(1) … FROM (SELECT DISTINCT …)</c>: how many different rows there are.</summary>
    private static bool CountsDistinct(SqlQuery sql) =>
        sql is { From: [{ Query.Select.Distinct: true, Items: false } source], Where: null, GroupBy: [], OrderBy: [] }
        && sql is { Select: { Star: false, Distinct: false }, HasAggregates: true }
        && Grouping.Split(sql).Aggregates.TrueForAll(a => a is { Name: "COUNT", Arguments: [var counted] }
            && (counted is Sql.Constant { Value.IsUndefined: false } || counted == new Sql.Alias(source.Alias)));

    private static CompiledQuery CompileCount(SqlQuery sql, ContainerSettings settings, DateTimeOffset now)
    {
        var (alias, rows) = (sql.From[0].Alias, sql.From[0].Query!);
        var plain = rows with { Select = rows.Select with { Distinct = false } };
        // What FROM allows of a subquery, it allows of this one too, but for DISTINCT.
        SelectCompiler.Compile(sql with { From = [sql.From[0] with { Query = plain }] }, NewScope(), now, outer: null);
        var scope = NewScope();
        scope.Bind(alias);
        var select = SelectCompiler.Compile(sql with { From = [] }, scope, now, outer: null);
        var none = new Constraints(new Dictionary<string, string[]>());
        return new CompiledQuery(sql, select, scope, none, [], settings.Indexing) { Counted = Compile(rows, settings, now) };
    }

    /// <summary>Slot 0 is the document itself, under a name that no query can write.</summary>
    private static Scope NewScope()
    {
        var scope = new Scope();
        scope.Bind("the document");
        return scope;
    }

    private static Dictionary<string, string[]> AliasOf(SqlSource source)
    {
        if (source.Items || source.Path is null || source.Alias.Length == 0) { return []; }
        var root = source.Path;
        while (root is Sql.Member member) { root = member.Of; }
        var path = new Constraints(new Dictionary<string, string[]> { [((Sql.Alias)root).Name] = [] }).PathOf(source.Path);
        return path is null ? [] : new Dictionary<string, string[]> { [source.Alias] = path };
    }

    /// <summary>
    /// "ORDER BY" and "Composite indexes": one property needs a range index, several need a composite index in exactly this or exactly the opposite order.
    /// </summary>
    private static void CheckOrder(OrderPath[] order, IndexingPolicy policy)
    {
        if (order.Length == 1 && !policy.IsIndexed(order[0].Path))
        {
            throw CosmosRefusal.BadRequest("The index path corresponding to the specified order-by item is excluded.");
        }
        if (order.Length < 2 || (policy.Enabled && Array.Exists(policy.Composites, c => Serves(c, order)))) { return; }
        throw CosmosRefusal.BadRequest("The order by query does not have a corresponding composite index that it can be served from.");
    }

    private static bool Serves(CompositePath[] composite, OrderPath[] order) =>
        composite.Length == order.Length
        && composite.Zip(order).All(pair => pair.First.Path.SequenceEqual(pair.Second.Path))
        && composite.Zip(order).Select(pair => pair.First.Descending == pair.Second.Descending).Distinct().Count() == 1;

    private static CosmosRefusal NotAPath() =>
        CosmosRefusal.BadRequest("Unsupported ORDER BY clause. ORDER BY item expression could not be mapped to a document path.");
}
