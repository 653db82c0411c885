using System.Text.Json;
using System.Text.Json.Nodes;
using LocalAzure.Cosmos.Query;
using LocalAzure.Cosmos.Storage;

namespace LocalAzure.Cosmos.Rest;

/// <summary><c>PATCH</c> of an item: operations, and a condition that the item must fulfil.</summary>
internal static class PatchApi
{
    public static Written Apply(CosmosRequest request, ContainerStore store, PartitionKey partition, string id, TimeProvider clock)
    {
        // Either { "condition", "operations" }, or the bare operations, as the JavaScript SDK sends them.
        var patch = request.Json();
        var operations = (patch as JsonObject)?["operations"] as JsonArray ?? patch as JsonArray ?? throw CosmosRefusal.BadRequest("A patch needs 'operations'.");
        var condition = (patch as JsonObject)?["condition"] is { } text ? Condition(ContainerSettings.Text(text) ?? "", clock) : null;
        return store.Change(partition, id, request.IfMatch, bytes =>
        {
            if (condition is not null && !condition(bytes)) { throw CosmosRefusal.FilterFailed(); }
            var document = JsonNode.Parse(bytes)!.AsObject();
            PatchOperations.Apply(document, operations, store.Settings);
            return DocumentBody.Parse(JsonSerializer.SerializeToUtf8Bytes(document), store.Settings);
        });
    }

    private static Func<byte[], bool> Condition(string text, TimeProvider clock)
    {
        var scope = new Scope();
        scope.Bind("the document");
        var select = SelectCompiler.Compile(Parser.ParseCondition(text), scope, clock.GetUtcNow(), outer: null);
        return bytes =>
        {
            using var document = JsonDocument.Parse(bytes);
            var row = new Row(scope.SlotCount);
            row.Slots[0] = SqlValue.From(document.RootElement);
            return select.Rows(row).Any();
        };
    }
}
