using System.Globalization;
using System.Text.Json;

namespace LocalAzure.Azurite;

/// <summary>
/// What Table Storage refuses in an entity and Azurite takes ("Understanding the Table service data model", "Table service error codes"). An entity is
/// judged by the request's body alone: what a merge adds to a stored entity is not counted.
/// </summary>
internal static class TableEntityRules
{
    private const int MaxProperties = 252;
    private const int MaxBytes = 1024 * 1024;
    private const int MaxNameLength = 255;
    private const int MaxKeyBytes = 1024;

    private static readonly DateTimeOffset FirstDate = new(1601, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Code and message of the refusal; null when the entity may pass.</summary>
    public static (string Code, string Message)? Refusal(JsonElement entity)
    {
        if (entity.ValueKind != JsonValueKind.Object) { return null; }
        var properties = entity.EnumerateObject().Where(p => !IsAnnotation(p.Name) && p.Value.ValueKind != JsonValueKind.Null).ToList();
        if (properties.Count(p => !IsSystem(p.Name)) > MaxProperties)
        {
            return ("TooManyProperties", "The entity contains more properties than allowed. Each entity can include up to 252 properties to store data.");
        }
        foreach (var property in properties)
        {
            if (Refusal(property, TypeOf(entity, property.Name)) is { } refusal) { return refusal; }
        }
        return SizeOf(entity, properties) > MaxBytes ? ("EntityTooLarge", "The entity is larger than the maximum size permitted: 1 MiB.") : null;
    }

    private static (string Code, string Message)? Refusal(JsonProperty property, string? type)
    {
        if (property.Name.Length > MaxNameLength) { return ("PropertyNameTooLong", "The property name exceeds the maximum allowed length."); }
        if (!IsName(property.Name)) { return ("PropertyNameInvalid", $"The property name '{property.Name}' is invalid."); }
        if (property.Value.ValueKind != JsonValueKind.String) { return null; }
        var text = property.Value.GetString()!;
        if (property.Name is "PartitionKey" or "RowKey") { return KeyRefusal(property.Name, text); }
        return type == "Edm.DateTime" && IsBeforeFirstDate(text) ? OutOfRange(property.Name, text) : null;
    }

    private static (string Code, string Message)? KeyRefusal(string name, string key)
    {
        if (key.Length * 2 > MaxKeyBytes) { return ("KeyValueTooLarge", $"The value of '{name}' is larger than 1 KiB in UTF-16."); }
        return key.Any(c => c is '/' or '\\' or '#' or '?' || char.IsControl(c)) ? OutOfRange(name, key) : null;
    }

    private static (string Code, string Message) OutOfRange(string name, string value) =>
        ("OutOfRangeInput", $"The '{name}' parameter of value '{value}' is out of range.");

    private static bool IsBeforeFirstDate(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date) && date < FirstDate;

    /// <summary>A property name is a C# identifier.</summary>
    private static bool IsName(string name) =>
        name.Length > 0 && (char.IsLetter(name[0]) || name[0] == '_')
        && name.All(c => char.IsLetterOrDigit(c) || c == '_' || char.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark);

    private static bool IsAnnotation(string name) => name.Contains('@', StringComparison.Ordinal) || name.StartsWith("odata.", StringComparison.Ordinal);

    private static bool IsSystem(string name) => name is "PartitionKey" or "RowKey" or "Timestamp";

    private static string? TypeOf(JsonElement entity, string name) =>
        entity.TryGetProperty($"{name}@odata.type", out var type) && type.ValueKind == JsonValueKind.String ? type.GetString() : null;

    private static long SizeOf(JsonElement entity, List<JsonProperty> properties) => 4 + properties.Sum(property => IsSystem(property.Name)
        ? property.Name == "Timestamp" ? 0 : LengthOf(property.Value) * 2L
        : 8 + (property.Name.Length * 2L) + SizeOf(property.Value, TypeOf(entity, property.Name)));

    private static long SizeOf(JsonElement value, string? type) => (value.ValueKind, type) switch
    {
        (JsonValueKind.String, "Edm.DateTime" or "Edm.Int64" or "Edm.Double") => 8,
        (JsonValueKind.String, "Edm.Guid") => 16,
        (JsonValueKind.String, "Edm.Binary") => 4 + (LengthOf(value) * 3L / 4),
        (JsonValueKind.String, _) => 4 + (LengthOf(value) * 2L),
        (JsonValueKind.True or JsonValueKind.False, _) => 1,
        _ => value.TryGetInt32(out _) && type != "Edm.Double" ? 4 : 8,
    };

    private static int LengthOf(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()!.Length : 0;
}
