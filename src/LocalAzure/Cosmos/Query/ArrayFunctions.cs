namespace LocalAzure.Cosmos.Query;

internal static class ArrayFunctions
{
    public static Function[] All { get; } =
    [
        new("ARRAY_CONTAINS", 2, 3, Contains),
        new("ARRAY_CONTAINS_ANY", 2, int.MaxValue, a => a[0].Type != SqlType.Array ? SqlValue.Undefined : SqlValue.Of(a[1..].Any(v => Has(a[0], v)))),
        new("ARRAY_CONTAINS_ALL", 2, int.MaxValue, a => a[0].Type != SqlType.Array ? SqlValue.Undefined : SqlValue.Of(a[1..].All(v => Has(a[0], v)))),
        Arrays("ARRAY_LENGTH", 1, 1, a => SqlValue.Of((double)a[0].Count)),
        Arrays("ARRAY_CONCAT", 2, int.MaxValue, a => SqlValue.Of([.. a.SelectMany(v => v.Items())])),
        Arrays("SETINTERSECT", 2, 2, a => SqlValue.Of([.. Unique(a[0].Items().Where(v => Has(a[1], v)))])),
        Arrays("SETUNION", 2, 2, a => SqlValue.Of([.. Unique(a[0].Items().Concat(a[1].Items()))])),
        new("ARRAY_SLICE", 2, 3, Slice),
        new("OBJECTTOARRAY", 1, 1, ToArray),
    ];

    private static Function Arrays(string name, int least, int most, Func<SqlValue[], SqlValue> run) =>
        Function.On(SqlType.Array, name, least, most, run);

    private static bool Has(SqlValue array, SqlValue value) => array.Items().Any(item => Operators.Same(item, value));

    private static IEnumerable<SqlValue> Unique(IEnumerable<SqlValue> values) => values.DistinctBy(v => Convert.ToHexString(v.ToOrderedBytes()));

    private static SqlValue Contains(SqlValue[] a)
    {
        if (a[0].Type != SqlType.Array || a[1].IsUndefined || (a.Length == 3 && a[2].Type != SqlType.Boolean)) { return SqlValue.Undefined; }
        var partly = a.Length == 3 && a[2].IsTrue;
        return SqlValue.Of(partly ? a[0].Items().Any(item => Includes(item, a[1])) : Has(a[0], a[1]));
    }

    /// <summary>A partial match: an object includes another when it has all its properties.</summary>
    private static bool Includes(SqlValue whole, SqlValue part) => part.Type == SqlType.Object && whole.Type == SqlType.Object
        ? part.Properties().All(p => Includes(whole.Property(p.Key), p.Value))
        : Operators.Same(whole, part);

    private static SqlValue Slice(SqlValue[] a)
    {
        if (a[0].Type != SqlType.Array || a[1].Type != SqlType.Number || (a.Length == 3 && a[2].Type != SqlType.Number))
        {
            return SqlValue.Undefined;
        }
        var count = a[0].Count;
        var start = (int)Math.Clamp(a[1].Number < 0 ? count + a[1].Number : a[1].Number, 0, count);
        var length = a.Length == 3 ? (int)Math.Clamp(a[2].Number, 0, count) : count;
        return SqlValue.Of([.. a[0].Items().Skip(start).Take(length)]);
    }

    private static SqlValue ToArray(SqlValue[] a) => a[0].Type != SqlType.Object ? SqlValue.Undefined : SqlValue.Of([.. a[0].Properties().Select(p =>
        SqlValue.Of([KeyValuePair.Create("k", SqlValue.Of(p.Key)), KeyValuePair.Create("v", p.Value)]))]);
}
