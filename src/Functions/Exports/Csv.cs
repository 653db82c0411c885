using System.Buffers;
using System.Text;

namespace CustomerFunctions.Exports;

/// <summary>
/// Comma-separated values by RFC 4180: CRLF after every line, quotes around what needs them. A value that a spreadsheet would take for a formula gets an apostrophe before it
/// (OWASP, CSV injection), phone numbers among them; whoever needs values to the letter takes JSON lines.
/// </summary>
internal static class Csv
{
    public const string ContentType = "text/csv";

    private static readonly SearchValues<char> Quoted = SearchValues.Create("\",\r\n");

    public static byte[] Line(params IEnumerable<string?> values) => Encoding.UTF8.GetBytes(string.Join(',', values.Select(Field)) + "\r\n");

    private static string Field(string? value)
    {
        if (string.IsNullOrEmpty(value)) { return ""; }
        var safe = IsFormula(value) ? "'" + value : value;
        return safe.AsSpan().ContainsAny(Quoted) || safe[0] == ' ' || safe[^1] == ' ' ? $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : safe;
    }

    /// <summary>White space in front does not keep a spreadsheet from it.</summary>
    private static bool IsFormula(string value) => value[0] is '\t' or '\r' or '\n' || value.TrimStart() is ['=' or '+' or '-' or '@' or '＝' or '＋' or '－' or '＠', ..];
}
