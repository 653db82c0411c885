using System.Globalization;
using System.Text;
using System.Text.Json;

namespace LocalAzure.Cosmos.Query;

/// <summary>Between strings and other types; text that is not what it should be gives undefined.</summary>
internal static class ConversionFunctions
{
    public static Function[] All { get; } =
    [
        new("TOSTRING", 1, 1, ToText),
        Parsed("STRINGTONUMBER", SqlType.Number),
        Parsed("STRINGTOBOOLEAN", SqlType.Boolean),
        Parsed("STRINGTONULL", SqlType.Null),
        Parsed("STRINGTOARRAY", SqlType.Array),
        Parsed("STRINGTOOBJECT", SqlType.Object),
    ];

    private static Function Parsed(string name, SqlType type) => Function.On(SqlType.String, name, 1, 1, a =>
    {
        try
        {
            using var json = JsonDocument.Parse(a[0].Text);
            var value = SqlValue.From(json.RootElement).Detached();
            return value.Type == type ? value : SqlValue.Undefined;
        }
        catch (JsonException) { return SqlValue.Undefined; }
    });

    private static SqlValue ToText(SqlValue[] a)
    {
        if (a[0].Type is SqlType.Undefined or SqlType.String) { return a[0]; }
        if (a[0].Type == SqlType.Number) { return SqlValue.Of(a[0].Number.ToString("R", CultureInfo.InvariantCulture)); }
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream)) { a[0].WriteTo(writer); }
        return SqlValue.Of(Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length));
    }
}
