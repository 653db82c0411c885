namespace LocalAzure.Cosmos.Query;

internal static class TypeFunctions
{
    public static Function[] All { get; } =
    [
        Test("IS_DEFINED", v => !v.IsUndefined),
        Test("IS_NULL", v => v.Type == SqlType.Null),
        Test("IS_BOOL", v => v.Type == SqlType.Boolean),
        Test("IS_NUMBER", v => v.Type == SqlType.Number),
        Test("IS_INTEGER", v => v.Type == SqlType.Number && v.Number == Math.Floor(v.Number) && Math.Abs(v.Number) <= long.MaxValue),
        Test("IS_FINITE_NUMBER", v => v.Type == SqlType.Number),
        Test("IS_STRING", v => v.Type == SqlType.String),
        Test("IS_ARRAY", v => v.Type == SqlType.Array),
        Test("IS_OBJECT", v => v.Type == SqlType.Object),
        Test("IS_PRIMITIVE", v => v.Type is SqlType.Null or SqlType.Boolean or SqlType.Number or SqlType.String),
        new("IIF", 3, 3, a => a[0].IsTrue ? a[1] : a[2]),
    ];

    private static Function Test(string name, Func<SqlValue, bool> test) => new(name, 1, 1, a => SqlValue.Of(test(a[0])));
}
