using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace LocalAzure.Cosmos.Storage;

/// <summary>A document as a client sent it: checked, compact, without the properties that the service owns.</summary>
internal sealed class DocumentBody
{
    // "Azure Cosmos DB service quotas": item size (UTF-8 length), id length, nesting.
    public const int MaxBytes = 2 * 1024 * 1024;
    private const int MaxIdBytes = 1023;
    private const int MaxDepth = 128;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = MaxDepth, AllowDuplicateProperties = false };
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public required string Id { get; init; }
    public required PartitionKey PartitionKey { get; init; }
    public required int Ttl { get; init; }
    /// <summary>The JSON object without its closing brace.</summary>
    public required byte[] Open { get; init; }

    public byte[] Key => PartitionKey.KeyOf(Id);

    public static DocumentBody Parse(ReadOnlyMemory<byte> json, ContainerSettings container)
    {
        if (json.Length > MaxBytes) { throw CosmosRefusal.TooLarge(); }
        JsonDocument document;
        try { document = JsonDocument.Parse(json, Strict); }
        catch (JsonException e) { throw CosmosRefusal.BadRequest($"The request payload is invalid. {e.Message}"); }
        using (document)
        {
            try { return From(document.RootElement, container); }
            // An escape such as \ud800 alone is valid JSON and no text.
            catch (InvalidOperationException) { throw CosmosRefusal.BadRequest("The request payload is invalid. A string is not valid Unicode."); }
        }
    }

    private static DocumentBody From(JsonElement root, ContainerSettings container)
    {
        if (root.ValueKind != JsonValueKind.Object) { throw CosmosRefusal.BadRequest("The request payload is invalid. An item is a JSON object."); }
        return new DocumentBody
        {
            Id = CheckedId(root),
            PartitionKey = PartitionKey.From(PropertyPath.Value(root, container.PartitionKey)),
            Ttl = CheckedTtl(root, container),
            Open = Normalise(root),
        };
    }

    /// <summary>The stored form: the client's properties, then the service's.</summary>
    public byte[] Complete(string rid, string self, Guid etag, long timestamp)
    {
        var system = $$"""{{(Open.Length > 1 ? "," : "")}}"_rid":"{{rid}}","_self":"{{self}}","_etag":"\"{{etag}}\"","_attachments":"attachments/","_ts":{{timestamp}}}""";
        var complete = new byte[Open.Length + system.Length];
        Open.CopyTo(complete, 0);
        Encoding.ASCII.GetBytes(system, complete.AsSpan(Open.Length));
        return complete;
    }

    /// <summary>Cosmos DB keeps JSON numbers as IEEE 754 doubles; whoever writes more digits reads fewer back.</summary>
    public static void WriteValue(Utf8JsonWriter writer, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var property in value.EnumerateObject())
                {
                    writer.WritePropertyName(property.Name);
                    WriteValue(writer, property.Value);
                }
                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray()) { WriteValue(writer, item); }
                writer.WriteEndArray();
                break;
            case JsonValueKind.Number:
                WriteNumber(writer, value.GetDouble());
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }

    public static void WriteNumber(Utf8JsonWriter writer, double value)
    {
        if (!double.IsFinite(value))
        {
            throw CosmosRefusal.BadRequest("The request payload is invalid. A number is out of the range of IEEE 754 doubles.");
        }
        if (Math.Abs(value) < 1e18 && Math.Floor(value) == value) { writer.WriteNumberValue((long)value); } else { writer.WriteNumberValue(value); }
    }

    public static bool IsServiceProperty(string name) => name is "_rid" or "_self" or "_etag" or "_attachments" or "_ts";

    private static byte[] Normalise(JsonElement root)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using var writer = new Utf8JsonWriter(buffer, Compact);
        writer.WriteStartObject();
        foreach (var property in root.EnumerateObject())
        {
            if (IsServiceProperty(property.Name)) { continue; }
            writer.WritePropertyName(property.Name);
            WriteValue(writer, property.Value);
        }
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static string CheckedId(JsonElement root)
    {
        if (!root.TryGetProperty("id", out var value))
        {
            throw CosmosRefusal.BadRequest("The input content is invalid because the required properties - 'id; ' - are missing");
        }
        if (value.ValueKind != JsonValueKind.String) { throw CosmosRefusal.BadRequest("The input content is invalid because 'id' is not a string."); }
        var id = value.GetString()!;
        CheckId(id);
        return id;
    }

    public static void CheckId(string id)
    {
        if (id.Length == 0 || Encoding.UTF8.GetByteCount(id) > MaxIdBytes)
        {
            throw CosmosRefusal.BadRequest($"The id must have 1 to {MaxIdBytes} bytes.");
        }
        if (id.AsSpan().IndexOfAny("/\\?#") >= 0) { throw CosmosRefusal.BadRequest("The id contains one of the characters '/', '\\', '?', '#'."); }
        // RFC 3986 section 5.2.4: every client removes these two segments from an address, so such a resource could not be reached.
        if (id is "." or "..") { throw CosmosRefusal.BadRequest("The id may not be '.' or '..'."); }
        if (id[^1] == ' ') { throw CosmosRefusal.BadRequest("The id ends with a space."); }
    }

    private static int CheckedTtl(JsonElement root, ContainerSettings container)
    {
        if (container.DefaultTtl is null || !root.TryGetProperty("ttl", out var ttl)) { return 0; }
        var valid = ttl.ValueKind == JsonValueKind.Number && ttl.TryGetInt32(out var seconds) && (seconds == -1 || seconds > 0);
        return valid ? ttl.GetInt32() : throw CosmosRefusal.BadRequest("The input ttl is invalid: it is -1 or a positive number of seconds.");
    }
}
