using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Xml;

namespace CustomerFunctions.Shared;

/// <summary>
/// Instants as RFC 3339 in UTC with exactly three decimals (<c>2026-11-21T03:00:00.000Z</c>): of one length, so that the store's string order is the order in time.
/// </summary>
public sealed class InstantConverter : JsonConverter<DateTimeOffset>
{
    public const string Format = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    public static string Text(DateTimeOffset instant) => instant.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture);

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        TryRead(ref reader, out var instant) ? instant : throw new JsonException("Expected an RFC 3339 date-time.");

    /// <summary>Reads an instant that is no JSON, such as a query parameter, by the rules of one that is.</summary>
    public static bool TryParse(string text, out DateTimeOffset instant)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes($"\"{JsonEncodedText.Encode(text)}\""));
        reader.Read();
        return TryRead(ref reader, out instant);
    }

    /// <summary>A text without an offset is no instant: it would be one of the machine's time zone.</summary>
    private static bool TryRead(ref Utf8JsonReader reader, out DateTimeOffset instant)
    {
        instant = default;
        if (reader.TokenType != JsonTokenType.String || !reader.TryGetDateTimeOffset(out instant) || !HasOffset(ref reader)) { return false; }
        instant = instant.ToUniversalTime();
        return true;
    }

    /// <summary>The date takes ten characters (<c>2026-11-21</c>); behind it only an offset has one of these.</summary>
    private static bool HasOffset(ref Utf8JsonReader reader) => reader.HasValueSequence || reader.ValueIsEscaped
        ? reader.GetString().AsSpan(10).IndexOfAny('Z', '+', '-') >= 0
        : reader.ValueSpan[10..].IndexOfAny((byte)'Z', (byte)'+', (byte)'-') >= 0;

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => writer.WriteStringValue(Text(value));
}

/// <summary>
/// Integers as JSON Schema has them: a number without a fraction, however it is written (<c>1</c>, <c>1.0</c>,
/// <c>1e3</c>).
/// </summary>
public sealed class Int64Converter : JsonConverter<long>
{
    public override long Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        TryRead(ref reader, out var whole) ? whole : throw new JsonException("The JSON value could not be converted to an integer of 64 bits.");

    public override void Write(Utf8JsonWriter writer, long value, JsonSerializerOptions options) => writer.WriteNumberValue(value);

    internal static bool TryRead(ref Utf8JsonReader reader, out long whole)
    {
        whole = 0;
        if (reader.TokenType != JsonTokenType.Number) { return false; }
        if (reader.TryGetInt64(out whole)) { return true; }
        if (!reader.TryGetDecimal(out var number) || number != decimal.Truncate(number) || number is < long.MinValue or > long.MaxValue) { return false; }
        whole = (long)number;
        return true;
    }
}

/// <summary><see cref="Int64Converter"/> for 32 bits.</summary>
public sealed class Int32Converter : JsonConverter<int>
{
    public override int Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Int64Converter.TryRead(ref reader, out var whole) && whole is >= int.MinValue and <= int.MaxValue
            ? (int)whole
            : throw new JsonException("The JSON value could not be converted to an integer of 32 bits.");

    public override void Write(Utf8JsonWriter writer, int value, JsonSerializerOptions options) => writer.WriteNumberValue(value);
}

/// <summary>Durations as ISO 8601 (<c>P90D</c>, <c>PT12H</c>). Years and months have no fixed length and are refused.</summary>
public sealed class DurationConverter : JsonConverter<TimeSpan>
{
    public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Parse(reader.GetString()) ?? throw new JsonException("Expected an ISO 8601 duration of days and time, such as P90D or PT12H.");

    public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) => writer.WriteStringValue(XmlConvert.ToString(value));

    public static TimeSpan? Parse(string? text)
    {
        if (text is null || text.Length > 32) { return null; }
        var date = text.Split('T')[0];
        if (date.Contains('Y', StringComparison.Ordinal) || date.Contains('M', StringComparison.Ordinal)) { return null; }
        try { return XmlConvert.ToTimeSpan(text); }
        catch (Exception e) when (e is FormatException or OverflowException) { return null; }
    }
}
