using System.Globalization;
using System.Text;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace LocalAzure.Tests.Cosmos;

/// <summary>
/// What a query must give, worked out the slow way from the documents themselves. It shares nothing with the emulator: not its parser, not its values,
/// not its indexes.
/// </summary>
internal static class QueryModel
{
    /// <summary>A filter in both languages: the query's, and a function that is true, false or (null) undefined.</summary>
    public sealed record Filter(string Sql, Func<JObject, bool?> Holds);

    public sealed record Order(string Path, bool Descending);

    private static readonly string[] Paths = ["a", "b", "s.x", "tags", "pk"];
    private static readonly string[] Symbols = ["=", "!=", "<", "<=", ">", ">="];
    private static readonly string[] Texts = ["", "a", "ab", "abc", "b", "É", "z z", "🙂"];

    /// <summary>One array and one object only: which of two arrays sorts first is nobody's promise.</summary>
    public static JToken? Value(Random random) => random.Next(12) switch
    {
        0 => null,
        1 => JValue.CreateNull(),
        2 => random.Next(2) == 0,
        3 or 4 or 5 => random.Next(-3, 4) / (random.Next(3) == 0 ? 2.0 : 1.0),
        6 => new JArray(1),
        7 => new JObject { ["k"] = 1 },
        _ => Texts[random.Next(Texts.Length)],
    };

    public static JObject Document(Random random, string id)
    {
        var document = new JObject { ["id"] = id, ["pk"] = $"p{id.Sum(c => c) % 3}" };
        if (Value(random) is { } a) { document["a"] = a; }
        if (Value(random) is { } b) { document["b"] = b; }
        if (random.Next(4) > 0) { document["s"] = Value(random) is { } x ? new JObject { ["x"] = x } : new JObject(); }
        if (random.Next(3) > 0) { document["d"] = random.Next(5) == 0 ? "no date" : Text(Instant(random)); }
        if (random.Next(3) > 0) { document["tags"] = new JArray(Enumerable.Range(0, random.Next(4)).Select(_ => Value(random)).OfType<JToken>()); }
        return document;
    }

    public static Filter Condition(Random random, int depth)
    {
        if (depth > 0 && random.Next(3) > 0)
        {
            var (left, right) = (Condition(random, depth - 1), Condition(random, depth - 1));
            return random.Next(5) switch
            {
                0 => new Filter($"NOT ({left.Sql})", d => !left.Holds(d)),
                1 or 2 => new Filter($"(({left.Sql}) OR ({right.Sql}))", d => Either(left.Holds(d), right.Holds(d))),
                _ => new Filter($"({left.Sql}) AND ({right.Sql})", d => !Either(!left.Holds(d), !right.Holds(d))),
            };
        }
        var path = Paths[random.Next(Paths.Length)];
        var constant = Value(random) ?? JValue.CreateNull();
        var symbol = Symbols[random.Next(Symbols.Length)];
        return random.Next(14) switch
        {
            0 => new Filter($"IS_DEFINED(c.{path})", d => At(d, path) is not null),
            1 => new Filter($"ARRAY_CONTAINS(c.tags, {Text(constant)})", d => At(d, "tags") is JArray tags ? tags.Any(t => Same(t, constant)) : null),
            2 => In(path, [constant, Value(random) ?? JValue.CreateNull(), "b"], random.Next(2) == 0),
            3 => Between(path, constant, Value(random) ?? JValue.CreateNull()),
            4 => StartsWith(path, Texts[random.Next(Texts.Length)], random.Next(2) == 0),
            5 => new Filter($"c.a {symbol} c.{path}", d => At(d, path) is { } other ? Compared(At(d, "a"), symbol, other) : null),
            6 => OverTags(symbol, constant, random.Next(2) == 0),
            7 => Bits(random.Next(-2, 3), random.Next(3)),
            8 => Date(random),
            _ => Comparison(path, symbol, constant, random.Next(4) == 0),
        };
    }

    /// <summary>The rows in order, each with the values that it sorts by.</summary>
    public static List<JObject> Sorted(IEnumerable<JObject> documents, IReadOnlyList<Order> order)
    {
        var sorted = documents.OrderBy(_ => 0);
        foreach (var part in order)
        {
            var by = Comparer<JToken?>.Create(Compare);
            sorted = part.Descending ? sorted.ThenByDescending(d => SortsBy(d, part, order), by) : sorted.ThenBy(d => SortsBy(d, part, order), by);
        }
        return [.. sorted];
    }

    public static string Keys(JObject document, IReadOnlyList<Order> order) =>
        string.Join('|', order.Select(o => SortsBy(document, o, order) is { } value ? Text(Plain(value)) : "undefined"));

    /// <summary>How many different values there are at a path.</summary>
    public static int Distinct(IEnumerable<JObject> documents, string path) =>
        documents.Select(d => At(d, path)).OfType<JToken>().Select(v => Text(Plain(v))).Distinct().Count();

    public static string Text(JToken value) => value.ToString(Formatting.None);

    public static JToken? At(JObject document, string path) => document.SelectToken(path);

    /// <summary>A composite index holds an array or an object as undefined.</summary>
    private static JToken? SortsBy(JObject document, Order part, IReadOnlyList<Order> order) =>
        At(document, part.Path) is { } value && !(order.Count > 1 && value is JContainer) ? value : null;

    private static Filter Comparison(string path, string symbol, JToken constant, bool mirrored)
    {
        var mirror = symbol.Replace('<', '#').Replace('>', '<').Replace('#', '>');
        return new Filter(mirrored ? $"{Text(constant)} {mirror} c.{path}" : $"c.{path} {symbol} {Text(constant)}", d => Compared(At(d, path), symbol, constant));
    }

    private static Filter In(string path, JToken[] values, bool negated) => new(
        $"(c.{path} {(negated ? "NOT " : "")}IN ({string.Join(", ", values.Select(Text))}))",
        d => At(d, path) is { } value ? values.Any(v => Same(value, v)) != negated : null);

    private static Filter Between(string path, JToken low, JToken high) => new(
        $"(c.{path} BETWEEN {Text(low)} AND {Text(high)})",
        d => !Either(!Compared(At(d, path), ">=", low), !Compared(At(d, path), "<=", high)));

    private static Filter StartsWith(string path, string start, bool like) => new(
        like ? $"c.{path} LIKE {Text(start + "%")}" : $"STARTSWITH(c.{path}, {Text(start)})",
        d => At(d, path) is JValue { Type: JTokenType.String } text ? text.Value<string>()!.StartsWith(start, StringComparison.Ordinal) : null);

    /// <summary>EXISTS asks for one tag that passes; ALL for none that fails.</summary>
    private static Filter OverTags(string symbol, JToken constant, bool all) => new(
        $"{(all ? "ALL" : "EXISTS")}(SELECT VALUE t FROM t IN c.tags WHERE t {symbol} {Text(constant)})",
        d => (At(d, "tags") as JArray ?? []).Any(t => Compared(t, symbol, constant) == !all) != all);

    private static Filter Bits(int constant, int shift) => new(
        $"((c.a & {constant}) << {shift}) != 0",
        d => At(d, "a") is JValue { Type: JTokenType.Float or JTokenType.Integer } number ? (((int)number.Value<double>() & constant) << shift) != 0 : null);

    private static Filter Date(Random random)
    {
        var (edge, count) = (Instant(random), random.Next(-40, 40));
        var text = Text(Text(edge));
        return random.Next(4) switch
        {
            0 => On("DateTimePart('mm', c.d) <= 6", d => d.Month <= 6),
            1 => On($"DateTimeDiff('dd', c.d, {text}) > {count}", d => (edge.Date - d.Date).Days > count),
            2 => On($"DateTimeToTimestamp(c.d) >= DateTimeToTimestamp({text})", d => d >= edge),
            _ => On($"DateTimeAdd('hour', {count}, c.d) < {text}", d => d.AddHours(count) < edge),
        };

        static Filter On(string sql, Func<DateTime, bool> holds) => new(sql, d =>
            At(d, "d") is { } at && DateTime.TryParse(at.Value<string>(), CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out var date) ? holds(date) : null);
    }

    private static DateTime Instant(Random random) =>
        new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddHours(random.Next(24 * 365)).AddMilliseconds(random.Next(3_600_000));

    private static string Text(DateTime instant) => instant.ToString("yyyy-MM-ddTHH:mm:ss.fffffffZ", CultureInfo.InvariantCulture);

    private static bool Same(JToken left, JToken right) => JToken.DeepEquals(Plain(left), Plain(right));

    private static bool? Compared(JToken? left, string symbol, JToken right)
    {
        if (left is null) { return null; }
        if (symbol is "=" or "!=") { return Same(left, right) == (symbol == "="); }
        if (Rank(left) != Rank(right) || left is JContainer) { return null; }
        var order = Compare(left, right);
        return symbol switch { "<" => order < 0, "<=" => order <= 0, ">" => order > 0, _ => order >= 0 };
    }

    private static bool? Either(bool? left, bool? right) => left == true || right == true ? true : left == false && right == false ? false : null;

    private static int Compare(JToken? left, JToken? right)
    {
        if (Rank(left) != Rank(right)) { return Rank(left) - Rank(right); }
        return Rank(left) switch
        {
            2 => left!.Value<bool>().CompareTo(right!.Value<bool>()),
            3 => left!.Value<double>().CompareTo(right!.Value<double>()),
            4 => Encoding.UTF8.GetBytes(left!.Value<string>()!).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(right!.Value<string>()!)),
            _ => 0,
        };
    }

    private static int Rank(JToken? value) => value?.Type switch
    {
        null => 0,
        JTokenType.Null => 1,
        JTokenType.Boolean => 2,
        JTokenType.Integer or JTokenType.Float => 3,
        JTokenType.String => 4,
        JTokenType.Array => 5,
        _ => 6,
    };

    /// <summary>1 and 1.0 are one number.</summary>
    private static JToken Plain(JToken value) => value switch
    {
        JValue { Type: JTokenType.Integer } number => new JValue(number.Value<double>()),
        JArray array => new JArray(array.Select(Plain)),
        JObject content => new JObject(content.Properties().Select(p => new JProperty(p.Name, Plain(p.Value)))),
        _ => value,
    };
}
