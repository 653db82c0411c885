using System.Buffers;
using System.Text.Json;
using LocalAzure.Cosmos.Indexing;
using LocalAzure.Cosmos.Storage;

namespace LocalAzure.Cosmos.Query;

/// <summary>The types of the query language, in the order in which Cosmos DB sorts values of different types.</summary>
internal enum SqlType { Undefined, Null, Boolean, Number, String, Array, Object }

/// <summary>A value while a query runs: a JSON value, or undefined. Arrays and objects of documents stay in their parsed document.</summary>
internal readonly struct SqlValue
{
    private readonly object? content;
    private readonly JsonElement json;

    private SqlValue(SqlType type, double number, object? content, JsonElement json)
    {
        Type = type;
        Number = number;
        this.content = content;
        this.json = json;
    }

    public static SqlValue Undefined => default;

    public static SqlValue Null { get; } = new(SqlType.Null, 0, null, default);

    public SqlType Type { get; }
    public double Number { get; }
    public string Text => (string)content!;
    public bool IsTrue => Type == SqlType.Boolean && Number != 0;
    public bool IsFalse => Type == SqlType.Boolean && Number == 0;
    public bool IsUndefined => Type == SqlType.Undefined;

    public static SqlValue Of(bool value) => new(SqlType.Boolean, value ? 1 : 0, null, default);

    /// <summary>Arithmetic that leaves the numbers (division by zero) is undefined.</summary>
    public static SqlValue Of(double value) => double.IsFinite(value) ? new(SqlType.Number, value, null, default) : Undefined;

    public static SqlValue Of(string value) => new(SqlType.String, 0, value, default);

    public static SqlValue Of(SqlValue[] items) => new(SqlType.Array, 0, items, default);

    public static SqlValue Of(KeyValuePair<string, SqlValue>[] properties) => new(SqlType.Object, 0, properties, default);

    public static SqlValue From(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Null => Null,
        JsonValueKind.True => Of(true),
        JsonValueKind.False => Of(false),
        JsonValueKind.Number => Of(json.GetDouble()),
        JsonValueKind.String => Of(json.GetString()!),
        JsonValueKind.Array => new SqlValue(SqlType.Array, 0, null, json),
        JsonValueKind.Object => new SqlValue(SqlType.Object, 0, null, json),
        _ => Undefined,
    };

    /// <summary>The property of an object, or undefined.</summary>
    public SqlValue Property(string name)
    {
        if (Type != SqlType.Object) { return Undefined; }
        if (content is null) { return json.TryGetProperty(name, out var value) ? From(value) : Undefined; }
        foreach (var property in (KeyValuePair<string, SqlValue>[])content)
        {
            if (property.Key == name) { return property.Value; }
        }
        return Undefined;
    }

    public SqlValue Item(double index)
    {
        if (Type != SqlType.Array || index < 0 || index >= Count || index != Math.Floor(index)) { return Undefined; }
        return content is SqlValue[] items ? items[(int)index] : From(json[(int)index]);
    }

    /// <summary>How many items an array has.</summary>
    public int Count => content is SqlValue[] items ? items.Length : json.GetArrayLength();

    /// <summary>An array's items; nothing for any other type.</summary>
    public IEnumerable<SqlValue> Items() => Type != SqlType.Array ? [] : content is SqlValue[] items ? items : json.EnumerateArray().Select(From);

    public IEnumerable<KeyValuePair<string, SqlValue>> Properties() => Type != SqlType.Object ? []
        : content is KeyValuePair<string, SqlValue>[] properties ? properties
        : json.EnumerateObject().Select(p => KeyValuePair.Create(p.Name, From(p.Value)));

    /// <summary>The same value, free of the document that it was read from.</summary>
    public SqlValue Detached() => json.ValueKind is JsonValueKind.Array or JsonValueKind.Object ? From(json.Clone()) : content switch
    {
        SqlValue[] items => Of([.. items.Select(i => i.Detached())]),
        KeyValuePair<string, SqlValue>[] properties => Of([.. properties.Select(p => KeyValuePair.Create(p.Key, p.Value.Detached()))]),
        _ => this,
    };

    public OrderedBytes AddTo(OrderedBytes bytes)
    {
        switch (Type)
        {
            case SqlType.Null: return bytes.AddNull();
            case SqlType.Boolean: return bytes.Add(IsTrue);
            case SqlType.Number: return bytes.Add(Number);
            case SqlType.String: return bytes.Add(Text);
            case SqlType.Array when content is null: return bytes.Add(json);
            case SqlType.Object when content is null: return bytes.Add(json);
            case SqlType.Array:
                bytes.BeginArray();
                foreach (var item in Items()) { item.AddTo(bytes); }
                return bytes.EndContainer();
            case SqlType.Object:
                bytes.BeginObject();
                foreach (var (name, value) in Properties().OrderBy(p => p.Key, StringComparer.Ordinal)) { value.AddTo(bytes.Add(name)); }
                return bytes.EndContainer();
            default: return bytes.AddUndefined();
        }
    }

    public byte[] ToJson()
    {
        var text = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(text, Walk.Relaxed)) { WriteTo(writer); }
        return text.WrittenSpan.ToArray();
    }

    public byte[] ToOrderedBytes() => AddTo(new OrderedBytes()).ToArray();

    public void WriteTo(Utf8JsonWriter writer)
    {
        switch (Type)
        {
            case SqlType.Null: writer.WriteNullValue(); break;
            case SqlType.Boolean: writer.WriteBooleanValue(IsTrue); break;
            case SqlType.Number: DocumentBody.WriteNumber(writer, Number); break;
            case SqlType.String: writer.WriteStringValue(Text); break;
            case SqlType.Array when content is null: json.WriteTo(writer); break;
            case SqlType.Object when content is null: json.WriteTo(writer); break;
            case SqlType.Array:
                writer.WriteStartArray();
                foreach (var item in Items()) { item.WriteTo(writer); }
                writer.WriteEndArray();
                break;
            case SqlType.Object:
                writer.WriteStartObject();
                foreach (var (name, value) in Properties())
                {
                    writer.WritePropertyName(name);
                    value.WriteTo(writer);
                }
                writer.WriteEndObject();
                break;
        }
    }
}
