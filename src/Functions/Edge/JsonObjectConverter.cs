using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace CustomerFunctions.Edge;

/// <summary>A value inside a caller's own JSON that cannot be kept.</summary>
/// <param name="within">Where, as a pointer from the object that is read.</param>
/// <param name="code">What <see cref="FieldError.Code"/> says.</param>
/// <param name="detail">What <see cref="FieldError.Detail"/> says.</param>
internal sealed class UnfitValueException(string within, string code, string detail) : JsonException(detail)
{
    public string Within => within;

    public string Code => code;
}

/// <summary>
/// Reads a caller's own JSON object whole. The framework's nodes are read lazily, so a name that stands twice, or text that is no Unicode, would come to light long after the
/// request was accepted. Numbers are kept as <see cref="JsonNumbers"/> says.
/// </summary>
internal sealed class JsonObjectConverter : JsonConverter<JsonObject>
{
    public override JsonObject Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => OwnJson.Read(ref reader, keepNumbers: JsonNumbers.Keep);

    public override void Write(Utf8JsonWriter writer, JsonObject value, JsonSerializerOptions options) => value.WriteTo(writer, options);
}

/// <summary>
/// Reads the body of one change among many: its numbers are looked at when that change is made, so that one number
/// refuses one change.
/// </summary>
internal sealed class UncheckedJsonObjectConverter : JsonConverter<JsonObject>
{
    public override JsonObject Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        OwnJson.Read(ref reader, keepNumbers: static (ref Utf8JsonReader number, string _) => JsonValue.Create(JsonElement.ParseValue(ref number)));

    public override void Write(Utf8JsonWriter writer, JsonObject value, JsonSerializerOptions options) => value.WriteTo(writer, options);
}

file static class OwnJson
{
    public delegate JsonNode? NumberReader(ref Utf8JsonReader reader, string at);

    public static JsonObject Read(ref Utf8JsonReader reader, NumberReader keepNumbers) =>
        reader.TokenType == JsonTokenType.StartObject ? ReadObject(ref reader, "", keepNumbers) : throw new JsonException("The JSON value could not be converted to an object.");

    private static JsonObject ReadObject(ref Utf8JsonReader reader, string at, NumberReader keepNumbers)
    {
        var members = new JsonObject();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var name = reader.GetString()!;
            reader.Read();
            if (!members.TryAdd(name, ReadValue(ref reader, $"{at}/{JsonProblems.Escape(name)}", keepNumbers))) { throw new JsonException("Duplicate property."); }
        }
        return members;
    }

    private static JsonArray ReadArray(ref Utf8JsonReader reader, string at, NumberReader keepNumbers)
    {
        var items = new JsonArray();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) { items.Add(ReadValue(ref reader, $"{at}/{items.Count}", keepNumbers)); }
        return items;
    }

    private static JsonNode? ReadValue(ref Utf8JsonReader reader, string at, NumberReader keepNumbers) => reader.TokenType switch
    {
        JsonTokenType.StartObject => ReadObject(ref reader, at, keepNumbers),
        JsonTokenType.StartArray => ReadArray(ref reader, at, keepNumbers),
        JsonTokenType.Null => null,
        JsonTokenType.String => JsonValue.Create(reader.GetString()),
        JsonTokenType.Number => keepNumbers(ref reader, at),
        _ => JsonValue.Create(JsonElement.ParseValue(ref reader)),
    };
}
