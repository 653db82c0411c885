using System.Globalization;
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

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDateTimeOffset().ToUniversalTime();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => writer.WriteStringValue(Text(value));
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
