using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace LocalAzure.Cosmos.Query;

/// <summary>Queries on databases, containers and offers: a short list, filtered and projected.</summary>
internal static class ListQuery
{
    public static IEnumerable<JsonNode?> Run(ReadOnlyMemory<byte> body, IEnumerable<JsonObject> list, TimeProvider clock)
    {
        var request = QueryRequest.Parse(body, null, int.MaxValue, null);
        var query = Parser.Parse(request.Text, request.Parameters);
        if (query.OrderBy.Count + query.GroupBy.Count > 0 || query.Select.Distinct || query.Top is not null || query.Limit is not null)
        {
            throw CosmosRefusal.NotImplemented("more than SELECT and WHERE in queries on databases, containers and offers");
        }
        var scope = new Scope();
        scope.Bind("the resource");
        var select = SelectCompiler.Compile(query, scope, clock.GetUtcNow(), outer: null);
        if (query.From.Count == 0)
        {
            foreach (var value in SelectCompiler.Values(query, select)(new Row(scope.SlotCount))) { yield return ToNode(value); }
            yield break;
        }
        if (select.IsGrouped) { throw CosmosRefusal.NotImplemented("aggregates in queries on databases, containers and offers"); }
        foreach (var resource in list)
        {
            using var document = JsonDocument.Parse(resource.ToJsonString());
            var row = new Row(scope.SlotCount);
            row.Slots[0] = SqlValue.From(document.RootElement);
            foreach (var bound in select.Rows(row))
            {
                if (select.Project(bound) is { IsUndefined: false } value) { yield return ToNode(value); }
            }
        }
    }

    private static JsonNode? ToNode(SqlValue value)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream)) { value.WriteTo(writer); }
        return JsonNode.Parse(Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length));
    }
}
