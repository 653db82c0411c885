using System.Text.Json;
using System.Text.Json.Nodes;

namespace LocalAzure.Cosmos.Query;

/// <summary>
/// What an SDK asks each of several ranges, and how it merges their answers: <c>queryInfo</c> of a query plan. Each range gives what it sorts, adds up or
/// groups by next to the result ("item"), because the SDK sees nothing else of a document.
/// </summary>
internal sealed class MergePlan(CompiledQuery query, string text)
{
    private readonly QueryClauses clauses = new(text);
    private readonly SqlQuery sql = query.Parsed;

    public JsonObject ToJson()
    {
        if (query.Counted is not null) { throw NotMerged("a count of different values"); }
        var grouped = sql.GroupBy.Count > 0 || sql.HasAggregates;
        if (grouped && (sql.Top ?? sql.Offset) is not null) { throw NotMerged("TOP or OFFSET LIMIT of aggregates or groups"); }
        if (sql.Select.Distinct && sql.OrderBy.Count > 0) { throw NotMerged("DISTINCT with ORDER BY"); }
        var isValue = sql.Select.Value is not null;
        return new JsonObject
        {
            ["distinctType"] = sql.Select.Distinct ? "Unordered" : "None",
            ["top"] = sql.Top is null ? null : query.Limit,
            ["offset"] = sql.Offset is null ? null : query.Offset,
            ["limit"] = sql.Offset is null ? null : query.Limit,
            ["orderBy"] = Array(sql.OrderBy.Select(order => order.Descending ? "Descending" : "Ascending")),
            ["orderByExpressions"] = Array(sql.OrderBy.Count > 0 ? clauses.Ordered() : []),
            ["groupByExpressions"] = Array(sql.GroupBy.Count > 0 ? clauses.Grouped() : []),
            ["groupByAliases"] = Array(grouped && !isValue ? sql.Select.Items.Select(item => item.Name) : []),
            ["aggregates"] = Array(grouped && sql.Select.Value is Sql.Call call ? [KindOf(call)] : []),
            ["groupByAliasToAggregateType"] = grouped && !isValue ? Kinds() : [],
            ["rewrittenQuery"] = grouped ? Grouped(isValue) : sql.OrderBy.Count > 0 ? Ordered() : Widened(),
            ["hasSelectValue"] = isValue,
            ["hasNonStreamingOrderBy"] = false,
        };
    }

    private static CosmosRefusal NotMerged(string what) => CosmosRefusal.NotImplemented($"{what} over several partition key ranges");

    private string Grouped(bool isValue)
    {
        var where = clauses.Where is null ? "" : $" WHERE {clauses.Where}";
        if (sql.GroupBy.Count == 0 && sql.Select.Value is Sql.Call { IsAggregate: true } only)
        {
            return $"SELECT VALUE [{Item(only, clauses.Select)}] FROM {clauses.From}{where}";
        }
        if (isValue) { throw NotMerged("SELECT VALUE of groups or composed aggregates"); }
        var payload = sql.Select.Items.Zip(clauses.Selected(), (item, written) =>
            $"{Name(item.Name)}: {(item.Value is Sql.Call { IsAggregate: true } call ? Item(call, written) : Plain(item.Value, written))}");
        var keys = sql.GroupBy.Count == 0 ? "" : $"[{string.Join(", ", clauses.Grouped().Select(Item))}] AS groupByItems, ";
        var by = sql.GroupBy.Count == 0 ? "" : $" GROUP BY {clauses.GroupBy}";
        return $"SELECT {keys}{{{string.Join(", ", payload)}}} AS payload FROM {clauses.From}{where}{by}";
    }

    private string Ordered()
    {
        // The SDK puts a condition in the place of the braces: true, or what comes after the last item that it has seen.
        const string Resumed = "({documentdb-formattableorderbyquery-filter})";
        if (sql.From[0] is not { Items: false, Query: null } source) { throw NotMerged("ORDER BY of anything but items"); }
        var payload = sql.Select.Star ? source.Alias
            : sql.Select.Value is not null ? clauses.Select
            : $"{{{string.Join(", ", sql.Select.Items.Zip(clauses.Selected(), (item, written) => $"{Name(item.Name)}: {written}"))}}}";
        var top = sql.Top is null ? "" : $"TOP {query.Limit} ";
        return $"SELECT {top}{source.Alias}._rid, [{string.Join(", ", clauses.Ordered().Select(Item))}] AS orderByItems, {payload} AS payload "
            + $"FROM {clauses.From} WHERE ({clauses.Where ?? "true"}) AND {Resumed} ORDER BY {clauses.OrderBy}{Limited()}";
    }

    /// <summary>Every range may hold all that is skipped and all that is wanted.</summary>
    private string Widened()
    {
        if (sql.Offset is null) { return ""; }
        var select = $"SELECT {(sql.Select.Distinct ? "DISTINCT " : "")}{(sql.Select.Value is null ? "" : "VALUE ")}{clauses.Select}";
        return $"{select} FROM {clauses.From}{(clauses.Where is null ? "" : $" WHERE {clauses.Where}")}{Limited()}";
    }

    private string Limited() => sql.Offset is null ? "" : $" OFFSET 0 LIMIT {Math.Min((long)query.Offset + query.Limit, int.MaxValue)}";

    private JsonObject Kinds()
    {
        var kinds = new JsonObject();
        foreach (var (name, value) in sql.Select.Items)
        {
            kinds[name] = value is Sql.Call { IsAggregate: true } call ? JsonValue.Create(KindOf(call)) : null;
        }
        return kinds;
    }

    private static string KindOf(Sql.Call call) => call.Name switch
    {
        "COUNT" => "Count",
        "SUM" => "Sum",
        "MIN" => "Min",
        "MAX" => "Max",
        "AVG" => "Average",
        _ => throw NotMerged(call.Name),
    };

    /// <summary>Averages of averages are none, and of no rows there is no smallest: both need the count.</summary>
    private static string Item(Sql.Call call, string written)
    {
        var argument = written[(written.IndexOf('(', StringComparison.Ordinal) + 1)..written.LastIndexOf(')')];
        return call.Name switch
        {
            "AVG" => Item($$"""{"sum": SUM({{argument}}), "count": COUNT({{argument}})}"""),
            "MIN" or "MAX" => $"{{\"item\": {written}, \"item2\": {{\"{call.Name.ToLowerInvariant()}\": {written}, \"count\": COUNT({argument})}}}}",
            _ => Item(written),
        };
    }

    private static string Item(string written) => $$"""{"item": {{written}}}""";

    private static string Plain(Sql value, string written) => value.HasAggregate ? throw NotMerged("composed aggregates") : written;

    private static string Name(string name) => JsonSerializer.Serialize(name);

    private static JsonArray Array(IEnumerable<string> values) => new([.. values.Select(value => JsonValue.Create(value))]);
}
