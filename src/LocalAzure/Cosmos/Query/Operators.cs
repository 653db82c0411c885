using System.Text;

namespace LocalAzure.Cosmos.Query;

/// <summary>
/// The operators and their three-valued logic: "Logical operators", "Bitwise operators" and "LIKE" of the query reference.
/// Equality is undefined when a side is, and only then: values of different types are not equal. (The reference says that
/// this is undefined too; the service, LINQ and EF Core do otherwise.) Order across types is undefined.
/// </summary>
internal static class Operators
{
    public static SqlValue Apply(string symbol, SqlValue left, SqlValue right) => symbol switch
    {
        "=" => AreEqual(left, right),
        "!=" => Apply("NOT", AreEqual(left, right)),
        "<" => Compared(left, right, order => order < 0),
        "<=" => Compared(left, right, order => order <= 0),
        ">" => Compared(left, right, order => order > 0),
        ">=" => Compared(left, right, order => order >= 0),
        "||" => left.Type == SqlType.String && right.Type == SqlType.String ? SqlValue.Of(left.Text + right.Text) : SqlValue.Undefined,
        "??" => left.IsUndefined ? right : left,
        "AND" => And(left, right),
        "OR" => Or(left, right),
        _ => left.Type == SqlType.Number && right.Type == SqlType.Number ? Arithmetic(symbol, left.Number, right.Number) : SqlValue.Undefined,
    };

    public static SqlValue Apply(string symbol, SqlValue operand) => (symbol, operand.Type) switch
    {
        ("NOT", SqlType.Boolean) => SqlValue.Of(operand.IsFalse),
        ("-", SqlType.Number) => SqlValue.Of(-operand.Number),
        ("+", SqlType.Number) => operand,
        ("~", SqlType.Number) => SqlValue.Of(~ToInteger(operand.Number)),
        _ => SqlValue.Undefined,
    };

    public static SqlValue AreEqual(SqlValue left, SqlValue right) =>
        left.IsUndefined || right.IsUndefined ? SqlValue.Undefined : SqlValue.Of(Same(left, right));

    /// <summary>Deep equality; values of different types are never equal.</summary>
    public static bool Same(SqlValue left, SqlValue right) => left.Type == right.Type && left.Type switch
    {
        SqlType.Number or SqlType.Boolean => left.Number == right.Number,
        SqlType.String => left.Text == right.Text,
        SqlType.Array or SqlType.Object => left.ToOrderedBytes().AsSpan().SequenceEqual(right.ToOrderedBytes()),
        _ => true,
    };

    /// <summary>Strings compare by their UTF-8 bytes, so a query's comparisons agree with its ordering and with the indexes.</summary>
    public static int CompareText(string left, string right)
    {
        var ordinal = string.CompareOrdinal(left, right);
        // Only surrogates sort differently in UTF-16 than in UTF-8.
        return left.Any(char.IsSurrogate) || right.Any(char.IsSurrogate)
            ? Encoding.UTF8.GetBytes(left).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(right))
            : ordinal;
    }

    /// <summary>LIKE: <c>%</c> any run, <c>_</c> one character, <c>[a-z]</c> and <c>[^a-z]</c> a character of a set.</summary>
    public static bool Like(string text, string pattern, char? escape)
    {
        // Back to the last '%' only: it can take in one more character than it did, and no earlier one needs to.
        var (t, p, afterRun, runEnd) = (0, 0, -1, 0);
        while (t < text.Length)
        {
            if (p < pattern.Length && pattern[p] == '%' && escape != '%') { (afterRun, runEnd) = (++p, t); }
            else if (p < pattern.Length && MatchesOne(text[t], pattern.AsSpan(p), escape, out var used)) { t++; p += used; }
            else if (afterRun >= 0) { (p, t) = (afterRun, ++runEnd); }
            else { return false; }
        }
        while (p < pattern.Length && pattern[p] == '%' && escape != '%') { p++; }
        return p == pattern.Length;
    }

    private static bool MatchesOne(char c, ReadOnlySpan<char> pattern, char? escape, out int used)
    {
        used = 1;
        if (pattern[0] == escape && pattern.Length > 1)
        {
            used = 2;
            return c == pattern[1];
        }
        if (pattern[0] == '_') { return true; }
        if (pattern[0] != '[' || pattern.IndexOf(']') is not (var end and > 0)) { return c == pattern[0]; }
        used = end + 1;
        var set = pattern[1..end];
        var negated = set.Length > 0 && set[0] == '^';
        if (negated) { set = set[1..]; }
        var found = false;
        for (var i = 0; i < set.Length; i++)
        {
            var isRange = i + 2 < set.Length && set[i + 1] == '-';
            found |= isRange ? c >= set[i] && c <= set[i + 2] : c == set[i];
            if (isRange) { i += 2; }
        }
        return found != negated;
    }

    private static SqlValue Compared(SqlValue left, SqlValue right, Func<int, bool> test)
    {
        if (left.Type != right.Type || left.Type is SqlType.Undefined or SqlType.Array or SqlType.Object) { return SqlValue.Undefined; }
        return SqlValue.Of(test(left.Type == SqlType.String ? CompareText(left.Text, right.Text) : left.Number.CompareTo(right.Number)));
    }

    private static SqlValue And(SqlValue left, SqlValue right) =>
        left.IsFalse || right.IsFalse ? SqlValue.Of(false) : left.IsTrue && right.IsTrue ? SqlValue.Of(true) : SqlValue.Undefined;

    private static SqlValue Or(SqlValue left, SqlValue right) =>
        left.IsTrue || right.IsTrue ? SqlValue.Of(true) : left.IsFalse && right.IsFalse ? SqlValue.Of(false) : SqlValue.Undefined;

    private static SqlValue Arithmetic(string symbol, double left, double right) => symbol switch
    {
        "+" => SqlValue.Of(left + right),
        "-" => SqlValue.Of(left - right),
        "*" => SqlValue.Of(left * right),
        "/" => SqlValue.Of(left / right),
        "%" => SqlValue.Of(left % right),
        "&" => SqlValue.Of(ToInteger(left) & ToInteger(right)),
        "|" => SqlValue.Of(ToInteger(left) | ToInteger(right)),
        "^" => SqlValue.Of(ToInteger(left) ^ ToInteger(right)),
        "<<" => SqlValue.Of(ToInteger(left) << ToInteger(right)),
        ">>" => SqlValue.Of(ToInteger(left) >> ToInteger(right)),
        ">>>" => SqlValue.Of((double)((uint)ToInteger(left) >> ToInteger(right))),
        _ => throw CosmosRefusal.NotImplemented($"the operator {symbol}"),
    };

    /// <summary>The low 32 bits, as JavaScript takes them.</summary>
    private static int ToInteger(double value) => unchecked((int)(long)(value % 4294967296.0));
}
