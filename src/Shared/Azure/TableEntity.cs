using System.Text.Json;

namespace CustomerFunctions.Shared.Azure;

/// <summary>A row of a table: its two keys and properties, all of them text here. One property may have 32,768 characters (Table service data model: 64 KiB of UTF-16).</summary>
public sealed class TableEntity(string partitionKey, string rowKey)
{
    public const int MaxTextLength = 32 * 1024;

    private readonly Dictionary<string, string> properties = new(StringComparer.Ordinal);

    public string PartitionKey => partitionKey;

    public string RowKey => rowKey;

    /// <summary>A property's text; null when the entity does not have it.</summary>
    public string? this[string name]
    {
        get => properties.GetValueOrDefault(name);
        init => properties[name] = value!;
    }

    public string? GetString(string name) => this[name];

    internal byte[] ToJson()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString(nameof(PartitionKey), PartitionKey);
            json.WriteString(nameof(RowKey), RowKey);
            foreach (var (name, text) in properties) { json.WriteString(name, text); }
            json.WriteEndObject();
        }
        return buffer.ToArray();
    }

    /// <summary>Reads an entity as the service returns it; what is not text (its Timestamp is, with a type annotation) is left out.</summary>
    internal static TableEntity FromJson(JsonElement json)
    {
        var entity = new TableEntity(json.GetProperty(nameof(PartitionKey)).GetString()!, json.GetProperty(nameof(RowKey)).GetString()!);
        foreach (var property in json.EnumerateObject())
        {
            if (property.Value.ValueKind == JsonValueKind.String && !property.Name.Contains("odata.", StringComparison.Ordinal) && property.Name is not (nameof(PartitionKey) or nameof(RowKey) or "Timestamp"))
            {
                entity.properties[property.Name] = property.Value.GetString()!;
            }
        }
        return entity;
    }
}

/// <summary>What a transaction does to one entity.</summary>
public enum TableTransactionActionType
{
    /// <summary>Adds it; the transaction fails with 409 when it is there.</summary>
    Add,

    /// <summary>Adds it or replaces what is there.</summary>
    UpsertReplace,

    /// <summary>Deletes it whatever its ETag; the transaction fails with 404 when it is not there.</summary>
    Delete,
}

/// <summary>One of at most a hundred parts of a transaction; all are of one partition.</summary>
public sealed record TableTransactionAction(TableTransactionActionType ActionType, TableEntity Entity);
