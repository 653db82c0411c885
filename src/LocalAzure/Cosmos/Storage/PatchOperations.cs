using System.Text.Json;
using System.Text.Json.Nodes;

namespace LocalAzure.Cosmos.Storage;

/// <summary>
/// The operations of a patch, in their order and all or none ("Partial document update in Azure Cosmos DB"): add, set, replace, remove, incr, move.
/// </summary>
internal static class PatchOperations
{
    private const int MaxOperations = 10;

    public static void Apply(JsonObject document, JsonArray operations, ContainerSettings container)
    {
        if (operations.Count is 0 or > MaxOperations) { throw Refused($"A patch has 1 to {MaxOperations} operations"); }
        foreach (var operation in operations)
        {
            var kind = ContainerSettings.Text(operation?["op"]) ?? throw Refused("an operation has no 'op'");
            var path = Path(operation!, "path", container);
            switch (kind.ToLowerInvariant())
            {
                case "add": Put(document, path, Value(operation!), insert: true); break;
                case "set": Put(document, path, Value(operation!), insert: false); break;
                case "replace":
                    Remove(document, path);
                    Put(document, path, Value(operation!), insert: true);
                    break;
                case "remove": Remove(document, path); break;
                case "incr": Increment(document, path, Value(operation!)); break;
                case "move": Move(document, Path(operation!, "from", container), path); break;
                default: throw Refused($"'{kind}' is not an operation");
            }
        }
    }

    private static void Put(JsonObject document, string[] path, JsonNode? value, bool insert)
    {
        switch (Parent(document, path))
        {
            case JsonObject parent: parent[path[^1]] = value; break;
            case JsonArray array when path[^1] == "-": array.Add(value); break;
            case JsonArray array when Index(path[^1]) is { } index && index <= array.Count:
                if (insert || index == array.Count) { array.Insert(index, value); } else { array[index] = value; }
                break;
            default: throw Missing(path);
        }
    }

    private static JsonNode? Remove(JsonObject document, string[] path)
    {
        switch (Parent(document, path))
        {
            case JsonObject parent when parent.TryGetPropertyValue(path[^1], out var value):
                parent.Remove(path[^1]);
                return value;
            case JsonArray array when Index(path[^1]) is { } index && index < array.Count:
                var item = array[index];
                array.RemoveAt(index);
                return item;
            default: throw Missing(path);
        }
    }

    private static void Increment(JsonObject document, string[] path, JsonNode? by)
    {
        if (by?.GetValueKind() != JsonValueKind.Number) { throw Refused("'incr' needs a number"); }
        var current = Parent(document, path) switch
        {
            JsonObject parent => parent.TryGetPropertyValue(path[^1], out var value) ? value ?? throw NotANumber(path) : null,
            JsonArray array when Index(path[^1]) is { } index && index < array.Count => array[index] ?? throw NotANumber(path),
            _ => throw Missing(path),
        };
        if (current is not null && current.GetValueKind() != JsonValueKind.Number) { throw NotANumber(path); }
        Put(document, path, JsonValue.Create((current?.GetValue<double>() ?? 0) + by.GetValue<double>()), insert: false);
    }

    private static void Move(JsonObject document, string[] from, string[] path)
    {
        if (path.Length > from.Length && path.AsSpan(0, from.Length).SequenceEqual(from)) { throw Refused("'move' may not lead into what is moved"); }
        Put(document, path, Remove(document, from), insert: true);
    }

    private static JsonNode? Parent(JsonObject document, string[] path)
    {
        JsonNode? node = document;
        foreach (var step in path.AsSpan(0, path.Length - 1))
        {
            node = node switch
            {
                JsonObject parent => parent.TryGetPropertyValue(step, out var child) ? child : null,
                JsonArray array when Index(step) is { } index && index < array.Count => array[index],
                _ => null,
            };
        }
        return node;
    }

    private static string[] Path(JsonNode operation, string name, ContainerSettings container)
    {
        var text = ContainerSettings.Text(operation[name]);
        if (text is not ['/', _, ..]) { throw Refused($"'{name}' must be a path such as /a/b"); }
        var path = text[1..].Split('/').Select(step => step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)).ToArray();
        if (path is ["id"] || (path.Length == 1 && DocumentBody.IsServiceProperty(path[0])) || Touches(path, container.PartitionKey))
        {
            throw Refused($"'{text}' cannot be patched");
        }
        return path;
    }

    /// <summary>Whether a change at the path could change the partition key.</summary>
    private static bool Touches(string[] path, string[] key) => path.Length <= key.Length && key.AsSpan(0, path.Length).SequenceEqual(path);

    private static JsonNode? Value(JsonNode operation) =>
        operation.AsObject().TryGetPropertyValue("value", out var value) ? value?.DeepClone() : throw Refused("an operation has no 'value'");

    private static int? Index(string step) => int.TryParse(step, System.Globalization.NumberStyles.None, null, out var index) ? index : null;

    private static CosmosRefusal Missing(string[] path) => Refused($"there is nothing at '/{string.Join('/', path)}'");

    private static CosmosRefusal NotANumber(string[] path) => Refused($"'/{string.Join('/', path)}' is not a number");

    private static CosmosRefusal Refused(string what) => CosmosRefusal.BadRequest($"For the patch operation: {what}.");
}
