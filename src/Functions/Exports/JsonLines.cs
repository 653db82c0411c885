using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace CustomerFunctions.Exports;

/// <summary>JSON lines (https://jsonlines.org): one JSON value in each line, every line ended.</summary>
internal static class JsonLines
{
    public const string ContentType = "application/x-ndjson";

    public static void Write<T>(IBufferWriter<byte> output, T value, JsonTypeInfo<T> json)
    {
        using (var writer = new Utf8JsonWriter(output)) { JsonSerializer.Serialize(writer, value, json); }
        output.Write("\n"u8);
    }

    /// <summary>A line of an archive that holds things of several kinds: <c>{"type":…,"data":…}</c>.</summary>
    public static void Write<T>(IBufferWriter<byte> output, string type, T data, JsonTypeInfo<T> json)
    {
        using (var writer = new Utf8JsonWriter(output))
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, type);
            writer.WritePropertyName("data"u8);
            JsonSerializer.Serialize(writer, data, json);
            writer.WriteEndObject();
        }
        output.Write("\n"u8);
    }
}
