using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CustomerFunctions.Edge;

/// <summary>
/// Numbers in a caller's own JSON. Cosmos DB stores an IEEE 754 double, so only what a double keeps is accepted
/// (RFC 8259 section 6); the rest would be read back as another number.
/// </summary>
internal static class JsonNumbers
{
    /// <summary>More digits of an exponent than any double needs.</summary>
    private const int LongestExponent = 6;

    /// <summary>The number at the reader, written as it is stored: <c>1.0</c> and <c>1e0</c> are 1.</summary>
    public static JsonNode Keep(ref Utf8JsonReader reader, string at)
    {
        return TryRead(JsonElement.ParseValue(ref reader).GetRawText(), out var number) ? JsonValue.Create(number)
            : throw new UnfitValueException(at, "not-a-double", "The number does not fit a 64-bit floating-point number exactly. Send it as text.");
    }

    /// <summary>
    /// Whether a double keeps a JSON number: the number is its shortest form, or its form of 17 digits, which many
    /// programs write.
    /// </summary>
    public static bool TryRead(string text, out double number)
    {
        // Negative zero is zero.
        number = double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture) + 0.0;
        return double.IsFinite(number) && Decimal(text) is { } given && (given == Form(number, "R") || given == Form(number, "E16"));
    }

    private static (bool IsNegative, string Digits, int Exponent)? Form(double number, string format) => Decimal(number.ToString(format, CultureInfo.InvariantCulture));

    /// <summary>The number as its significant digits and the power of ten after them; null when that is out of any double's range.</summary>
    private static (bool IsNegative, string Digits, int Exponent)? Decimal(string text)
    {
        var parts = text.TrimStart('-').Split('e', 'E');
        var point = parts[0].IndexOf('.', StringComparison.Ordinal);
        var digits = parts[0].Replace(".", "", StringComparison.Ordinal).TrimStart('0');
        var significant = digits.TrimEnd('0');
        if (significant.Length == 0) { return (false, "", 0); }
        var power = parts.Length == 1 ? "0" : parts[1].TrimStart('+');
        if (power.TrimStart('-').TrimStart('0').Length > LongestExponent) { return null; }
        var decimals = point < 0 ? 0 : parts[0].Length - point - 1;
        return (text[0] == '-', significant, int.Parse(power, CultureInfo.InvariantCulture) - decimals + (digits.Length - significant.Length));
    }
}
