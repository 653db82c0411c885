using System.Text.RegularExpressions;

namespace LocalAzure.Cosmos.Query;

internal static class StringFunctions
{
    private static readonly TimeSpan RegexLimit = TimeSpan.FromSeconds(1);

    public static Function[] All { get; } =
    [
        Text("CONCAT", 2, 20, a => SqlValue.Of(string.Concat(a.Select(v => v.Text)))),
        Search("CONTAINS", (text, part, how) => text.Contains(part, how)),
        Search("STARTSWITH", (text, part, how) => text.StartsWith(part, how)),
        Search("ENDSWITH", (text, part, how) => text.EndsWith(part, how)),
        Search("STRINGEQUALS", (text, part, how) => text.Equals(part, how)),
        new("INDEX_OF", 2, 3, IndexOf),
        Text("LENGTH", 1, 1, a => SqlValue.Of((double)a[0].Text.Length)),
        Text("LOWER", 1, 1, a => SqlValue.Of(a[0].Text.ToLowerInvariant())),
        Text("UPPER", 1, 1, a => SqlValue.Of(a[0].Text.ToUpperInvariant())),
        Text("TRIM", 1, 2, a => SqlValue.Of(a.Length == 1 ? a[0].Text.Trim() : TrimEnd(TrimStart(a[0].Text, a[1].Text), a[1].Text))),
        Text("LTRIM", 1, 2, a => SqlValue.Of(a.Length == 1 ? a[0].Text.TrimStart() : TrimStart(a[0].Text, a[1].Text))),
        Text("RTRIM", 1, 2, a => SqlValue.Of(a.Length == 1 ? a[0].Text.TrimEnd() : TrimEnd(a[0].Text, a[1].Text))),
        Text("REPLACE", 3, 3, a => a[1].Text.Length == 0 ? a[0] : SqlValue.Of(a[0].Text.Replace(a[1].Text, a[2].Text, StringComparison.Ordinal))),
        Text("REVERSE", 1, 1, a => SqlValue.Of(string.Concat(a[0].Text.Reverse()))),
        Sized("LEFT", (text, count) => text[..Math.Min(text.Length, count)]),
        Sized("RIGHT", (text, count) => text[^Math.Min(text.Length, count)..]),
        Sized("REPLICATE", (text, count) => count * (long)text.Length > 10_000 ? null : string.Concat(Enumerable.Repeat(text, count))),
        new("SUBSTRING", 3, 3, Substring),
        Text("REGEXMATCH", 2, 3, RegexMatch),
        Text("STRINGSPLIT", 2, 2, a => SqlValue.Of([.. (a[1].Text.Length == 0 ? [a[0].Text] : a[0].Text.Split(a[1].Text)).Select(SqlValue.Of)])),
        new("STRINGJOIN", 2, 2, Join),
    ];

    private static Function Text(string name, int least, int most, Func<SqlValue[], SqlValue> run) =>
        Function.On(SqlType.String, name, least, most, run);

    /// <summary>A test on two strings with an optional third argument: true to ignore case.</summary>
    private static Function Search(string name, Func<string, string, StringComparison, bool> test) => new(name, 2, 3, a =>
    {
        if (a[0].Type != SqlType.String || a[1].Type != SqlType.String || (a.Length == 3 && a[2].Type != SqlType.Boolean))
        {
            return SqlValue.Undefined;
        }
        var ignoreCase = a.Length == 3 && a[2].IsTrue;
        return SqlValue.Of(test(a[0].Text, a[1].Text, ignoreCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal));
    });

    private static Function Sized(string name, Func<string, int, string?> run) => new(name, 2, 2, a =>
    {
        if (a[0].Type != SqlType.String || a[1].Type != SqlType.Number) { return SqlValue.Undefined; }
        return run(a[0].Text, (int)Math.Clamp(a[1].Number, 0, int.MaxValue)) is { } text ? SqlValue.Of(text) : SqlValue.Undefined;
    });

    private static SqlValue IndexOf(SqlValue[] a)
    {
        if (a[0].Type != SqlType.String || a[1].Type != SqlType.String || (a.Length == 3 && a[2].Type != SqlType.Number))
        {
            return SqlValue.Undefined;
        }
        var start = a.Length == 3 ? a[2].Number : 0;
        return start < 0 || start > a[0].Text.Length ? SqlValue.Of(-1d) : SqlValue.Of((double)a[0].Text.IndexOf(a[1].Text, (int)start, StringComparison.Ordinal));
    }

    private static SqlValue Substring(SqlValue[] a)
    {
        if (a[0].Type != SqlType.String || a[1].Type != SqlType.Number || a[2].Type != SqlType.Number) { return SqlValue.Undefined; }
        var start = (int)Math.Clamp(a[1].Number, 0, a[0].Text.Length);
        var length = (int)Math.Clamp(a[2].Number, 0, a[0].Text.Length - start);
        return SqlValue.Of(a[0].Text.Substring(start, length));
    }

    private static SqlValue RegexMatch(SqlValue[] a)
    {
        var options = RegexOptions.None;
        foreach (var modifier in a.Length == 3 ? a[2].Text : "")
        {
            options |= modifier switch
            {
                'm' => RegexOptions.Multiline,
                's' => RegexOptions.Singleline,
                'i' => RegexOptions.IgnoreCase,
                'x' => RegexOptions.IgnorePatternWhitespace,
                _ => throw CosmosRefusal.BadRequest($"'{modifier}' is not a modifier of REGEXMATCH."),
            };
        }
        try { return SqlValue.Of(Regex.IsMatch(a[0].Text, a[1].Text, options, RegexLimit)); }
        catch (RegexParseException e) { throw CosmosRefusal.BadRequest($"The regular expression is invalid: {e.Message}"); }
        catch (RegexMatchTimeoutException) { throw CosmosRefusal.BadRequest("The regular expression takes too long."); }
    }

    private static SqlValue Join(SqlValue[] a)
    {
        if (a[0].Type != SqlType.Array || a[1].Type != SqlType.String || a[0].Items().Any(i => i.Type != SqlType.String))
        {
            return SqlValue.Undefined;
        }
        return SqlValue.Of(string.Join(a[1].Text, a[0].Items().Select(i => i.Text)));
    }

    private static string TrimStart(string text, string part)
    {
        while (part.Length > 0 && text.StartsWith(part, StringComparison.Ordinal)) { text = text[part.Length..]; }
        return text;
    }

    private static string TrimEnd(string text, string part)
    {
        while (part.Length > 0 && text.EndsWith(part, StringComparison.Ordinal)) { text = text[..^part.Length]; }
        return text;
    }
}
