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

    public static JToken? Value(Random random) => random.Next(10) switch
    {
        0 => null,
        1 => JValue.CreateNull(),
        2 => random.Next(2) == 0,
        3 or 4 or 5 => random.Next(-3, 4) / (random.Next(3) == 0 ? 2.0 : 1.0),
        _ => Texts[random.Next(Texts.Length)],
    };

    public static JObject Document(Random random, string id)
    {
        var document = new JObject { ["id"] = id, ["pk"] = $"p{id.Sum(c => c) % 3}" };
        if (Value(random) is { } a) { document["a"] = a; }
        if (Value(random) is { } b) { document["b"] = b; }
        if (random.Next(4) > 0) { document["s"] = Value(random) is { } x ? new JObject { ["x"] = x } : new JObject(); }
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
        return random.Next(8) switch
        {
            0 => new Filter($"IS_DEFINED(c.{path})", d => At(d, path) is not null),
            1 => new Filter($"ARRAY_CONTAINS(c.tags, {Text(constant)})", d => At(d, "tags") is JArray tags ? tags.Any(t => JToken.DeepEquals(Plain(t), Plain(constant))) : null),
            2 => In(path, [constant, Value(random) ?? JValue.CreateNull(), "b"]),
            3 => Between(path, constant, Value(random) ?? JValue.CreateNull()),
            4 => StartsWith(path, Texts[random.Next(Texts.Length)], random.Next(2) == 0),
            _ => Comparison(path, Symbols[random.Next(Symbols.Length)], constant, random.Next(4) == 0),
        };
    }

    /// <summary>The rows in order, each with the values that it sorts by.</summary>
    public static List<JObject> Sorted(IEnumerable<JObject> documents, IReadOnlyList<Order> order)
    {
        var sorted = documents.OrderBy(_ => 0);
        foreach (var part in order)
        {
            var by = Comparer<JToken?>.Create(Compare);
            sorted = part.Descending ? sorted.ThenByDescending(d => At(d, part.Path), by) : sorted.ThenBy(d => At(d, part.Path), by);
        }
        return [.. sorted];
    }

    public static string Keys(JObject document, IReadOnlyList<Order> order) =>
        string.Join('|', order.Select(o => At(document, o.Path) is { } value ? Text(Plain(value)) : "undefined"));

    public static JToken? At(JObject document, string path) => document.SelectToken(path);

    private static Filter Comparison(string path, string symbol, JToken constant, bool mirrored)
    {
        var mirror = symbol.Replace('<', '#').Replace('>', '<').Replace('#', '>');
        return new Filter(mirrored ? $"{Text(constant)} {mirror} c.{path}" : $"c.{path} {symbol} {Text(constant)}", d => Compared(At(d, path), symbol, constant));
    }

    private static Filter In(string path, JToken[] values) =>
        new($"c.{path} IN ({string.Join(", ", values.Select(Text))})", d => values.Aggregate((bool?)false, (found, v) => Either(found, Compared(At(d, path), "=", v))));

    private static Filter Between(string path, JToken low, JToken high) => new(
        $"(c.{path} BETWEEN {Text(low)} AND {Text(high)})",
        d => !Either(!Compared(At(d, path), ">=", low), !Compared(At(d, path), "<=", high)));

    private static Filter StartsWith(string path, string start, bool like) => new(
        like ? $"c.{path} LIKE {Text(start + "%")}" : $"STARTSWITH(c.{path}, {Text(start)})",
        d => At(d, path) is JValue { Type: JTokenType.String } text ? text.Value<string>()!.StartsWith(start, StringComparison.Ordinal) : null);

    private static bool? Compared(JToken? left, string symbol, JToken right)
    {
        if (left is null || Rank(left) != Rank(right)) { return null; }
        if (left is JContainer) { return symbol == "=" ? JToken.DeepEquals(Plain(left), Plain(right)) : null; }
        var order = Compare(left, right);
        return symbol switch { "=" => order == 0, "!=" => order != 0, "<" => order < 0, "<=" => order <= 0, ">" => order > 0, _ => order >= 0 };
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
    private static JToken Plain(JToken value) =>
        value.Type is JTokenType.Integer ? new JValue(value.Value<double>()) : value is JArray array ? new JArray(array.Select(Plain)) : value;

    private static string Text(JToken value) => value.ToString(Formatting.None);
}
