namespace LocalAzure.Cosmos.Query;

/// <summary>A compiled FROM, WHERE and SELECT.</summary>
internal sealed class CompiledSelect
{
    public required IReadOnlyList<(int Slot, Expand Values)> Sources { get; init; }
    public required Evaluate? Where { get; init; }
    /// <summary>What one row gives; undefined gives nothing.</summary>
    public required Evaluate Project { get; init; }
    /// <summary>The keys of GROUP BY and the slots that the projection reads them from.</summary>
    public required IReadOnlyList<(Evaluate Key, int Slot)> Groups { get; init; }
    public required IReadOnlyList<Aggregate> Aggregates { get; init; }
    public bool IsGrouped => Groups.Count > 0 || Aggregates.Count > 0;

    /// <summary>Binds every combination of the sources from <paramref name="from"/> on, in turn, and stops at each that passes the filter.</summary>
    public IEnumerable<Row> Rows(Row row, int from = 0)
    {
        if (from == Sources.Count)
        {
            if (Where is null || Where(row).IsTrue) { yield return row; }
            yield break;
        }
        foreach (var value in Sources[from].Values(row))
        {
            row.Slots[Sources[from].Slot] = value;
            foreach (var bound in Rows(row, from + 1)) { yield return bound; }
        }
    }
}

internal static class SelectCompiler
{
    /// <summary>Compiles sources, filter and projection. In a query the first source is the container, whose documents are in slot 0.</summary>
    public static CompiledSelect Compile(SqlQuery query, Scope scope, DateTimeOffset now, Scope? outer)
    {
        var isSubquery = outer is not null;
        var compiler = new ExpressionCompiler(scope, now);
        var sources = query.From.Select((source, i) => Source(source, scope, compiler, isContainer: i == 0 && !isSubquery)).ToList();
        var where = query.Where is null ? null : compiler.Compile(query.Where);
        if (query.Select.Star) { return Ungrouped(Whole(query, sources)); }

        var (values, calls, loose) = Grouping.Split(query);
        if (calls.Count == 0 && query.GroupBy.Count == 0) { return Ungrouped(compiler.Compile(values)); }
        // Behind the grouping only group keys and aggregates are in sight.
        var grouped = new Scope(outer, scope);
        var groups = query.GroupBy.Select((by, i) => (compiler.Compile(by), grouped.Bind(Grouping.KeyName(i)))).ToArray();
        var aggregates = calls.Select((call, i) => new Aggregate(call.Name, Argument(call, compiler), grouped.Bind(Grouping.AggregateName(i)))).ToArray();
        foreach (var path in loose.Select(property => SqlText.PathOf(property)!).Where(path => grouped.IsGrouped(path.Split('.')[0])))
        {
            throw CosmosRefusal.BadRequest(
                $"Property reference '{path}' is invalid in the select list because it is not contained in either an aggregate function or the "
                + "GROUP BY clause.");
        }
        var project = compiler.In(grouped).Compile(values);
        return new CompiledSelect { Sources = sources, Where = where, Project = project, Groups = groups, Aggregates = aggregates };

        CompiledSelect Ungrouped(Evaluate each) => new() { Sources = sources, Where = where, Project = each, Groups = [], Aggregates = [] };
    }

    public static Expand CompileSubquery(SqlQuery query, Scope outer, DateTimeOffset now)
    {
        if (query.OrderBy.Count > 0) { throw CosmosRefusal.NotImplemented("ORDER BY in a subquery"); }
        return Values(query, Compile(query, new Scope(outer), now, outer));
    }

    /// <summary>What a query inside a query, or one without FROM, gives for a row of what is around it.</summary>
    public static Expand Values(SqlQuery query, CompiledSelect select)
    {
        var (offset, limit) = (WholeNumber(query.Offset, "OFFSET") ?? 0, WholeNumber(query.Limit ?? query.Top, "LIMIT") ?? int.MaxValue);
        return row =>
        {
            var values = select.IsGrouped ? Grouped(select, row) : select.Rows(row).Select(bound => select.Project(bound));
            values = values.Where(value => !value.IsUndefined);
            if (query.Select.Distinct) { values = values.DistinctBy(value => Convert.ToHexString(value.ToOrderedBytes())); }
            return offset == 0 && limit == int.MaxValue ? values : values.Skip(offset).Take(limit);
        };
    }

    public static int? WholeNumber(Sql? count, string clause) => count switch
    {
        null => null,
        Sql.Constant { Value: { Type: SqlType.Number, Number: >= 0 and <= int.MaxValue } value } when value.Number == Math.Floor(value.Number) => (int)value.Number,
        _ => throw CosmosRefusal.BadRequest($"{clause} needs a whole number that is not negative."),
    };

    private static IEnumerable<SqlValue> Grouped(CompiledSelect select, Row row)
    {
        var groups = new Groups(select);
        foreach (var bound in select.Rows(row)) { groups.Add(bound); }
        return groups.Results(row).Select(group => group.Value);
    }

    private static (int Slot, Expand Values) Source(SqlSource source, Scope scope, ExpressionCompiler compiler, bool isContainer)
    {
        Expand values;
        if (source.Query is not null) { values = isContainer ? Derived(source.Query, scope, compiler) : compiler.Subquery(source.Query); }
        else if (isContainer) { values = ContainerPath(source.Path!, scope, compiler); }
        else
        {
            var path = compiler.Compile(source.Path!);
            values = row => path(row) is { IsUndefined: false } value ? [value] : [];
        }
        var one = values;
        if (source.Items) { values = row => one(row).SelectMany(value => value.Items()); }
        return (scope.Bind(source.Alias), values);
    }

    /// <summary>
    /// A subquery that names the container: it gives for each document what it would give for all, as long as nothing in it is
    /// about more than one.
    /// </summary>
    private static Expand Derived(SqlQuery query, Scope scope, ExpressionCompiler compiler)
    {
        if (query.From.Count == 0) { throw CosmosRefusal.NotImplemented("a subquery in FROM that names no container"); }
        if (query.OrderBy.Count > 0) { throw CosmosRefusal.NotImplemented("ORDER BY in a subquery"); }
        if (query.Select.Distinct) { throw CosmosRefusal.NotImplemented("a subquery with DISTINCT in FROM, other than to count its rows"); }
        if (query.Top is not null || query.Limit is not null || query.GroupBy.Count > 0 || query.HasAggregates)
        {
            throw CosmosRefusal.NotImplemented("a subquery with TOP, OFFSET LIMIT, GROUP BY or aggregates in FROM");
        }
        var select = compiler.Container(query, new Scope(scope));
        return row => select.Rows(row).Select(bound => select.Project(bound)).Where(value => !value.IsUndefined);
    }

    /// <summary>The first name after FROM is the container, whatever it is called; a path behind it leads into each document.</summary>
    private static Expand ContainerPath(Sql path, Scope scope, ExpressionCompiler compiler)
    {
        var root = path;
        while (root is Sql.Member member) { root = member.Of; }
        // Slot 0 holds the document; the container's own name resolves to it while the path is compiled, and to nothing afterwards.
        var inner = new Scope(scope);
        var slot = inner.Bind(((Sql.Alias)root).Name);
        var value = path == root ? row => row.Slots[0] : compiler.In(inner).Compile(path);
        return row =>
        {
            row.Slots[slot] = row.Slots[0];
            return value(row) is { IsUndefined: false } found ? [found] : [];
        };
    }

    private static Evaluate Whole(SqlQuery query, List<(int Slot, Expand Values)> sources)
    {
        if (query.From.Count == 0) { throw CosmosRefusal.BadRequest("'SELECT *' is not valid if FROM clause is omitted."); }
        if (query.From.Count != 1) { throw CosmosRefusal.BadRequest("'SELECT *' is only valid with a single input set."); }
        if (query.GroupBy.Count > 0) { throw CosmosRefusal.BadRequest("'SELECT *' is not allowed with GROUP BY."); }
        var slot = sources[0].Slot;
        return row => row.Slots[slot];
    }

    private static Evaluate Argument(Sql.Call call, ExpressionCompiler compiler)
    {
        if (call.Arguments is not [var argument]) { throw CosmosRefusal.BadRequest($"The {call.Name} function requires 1 argument(s)."); }
        return argument.Within.Any(e => e.IsSubquery || e is Sql.Call { IsAggregate: true })
            ? throw CosmosRefusal.BadRequest("Cannot perform an aggregate function on an expression containing an aggregate or a subquery.")
            : compiler.Compile(argument);
    }
}
