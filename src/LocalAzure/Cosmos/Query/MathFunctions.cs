namespace LocalAzure.Cosmos.Query;

internal static class MathFunctions
{
    public static Function[] All { get; } =
    [
        One("ABS", Math.Abs), One("CEILING", Math.Ceiling), One("FLOOR", Math.Floor), One("SQRT", Math.Sqrt), One("SQUARE", x => x * x), One("EXP", Math.Exp),
        One("LOG10", Math.Log10), One("TRUNC", Math.Truncate), One("SIN", Math.Sin), One("COS", Math.Cos), One("TAN", Math.Tan), One("COT", x => 1 / Math.Tan(x)),
        One("ASIN", Math.Asin), One("ACOS", Math.Acos), One("ATAN", Math.Atan), One("DEGREES", x => x * 180 / Math.PI), One("RADIANS", x => x * Math.PI / 180),
        One("SIGN", x => Math.Sign(x)),
        Numbers("ROUND", 1, 2, a => a.Length == 1
            ? SqlValue.Of(Math.Round(a[0].Number, MidpointRounding.AwayFromZero))
            : a[1].Number is >= 0 and <= 15 ? SqlValue.Of(Math.Round(a[0].Number, (int)a[1].Number, MidpointRounding.AwayFromZero)) : SqlValue.Undefined),
        Numbers("LOG", 1, 2, a => SqlValue.Of(a.Length == 1 ? Math.Log(a[0].Number) : Math.Log(a[0].Number, a[1].Number))),
        Numbers("POWER", 2, 2, a => SqlValue.Of(Math.Pow(a[0].Number, a[1].Number))),
        Numbers("ATN2", 2, 2, a => SqlValue.Of(Math.Atan2(a[0].Number, a[1].Number))),
        new("PI", 0, 0, _ => SqlValue.Of(Math.PI)),
    ];

    private static Function One(string name, Func<double, double> run) => Numbers(name, 1, 1, a => SqlValue.Of(run(a[0].Number)));

    private static Function Numbers(string name, int least, int most, Func<SqlValue[], SqlValue> run) =>
        Function.On(SqlType.Number, name, least, most, run);
}
