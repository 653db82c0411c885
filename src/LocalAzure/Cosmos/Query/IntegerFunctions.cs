namespace LocalAzure.Cosmos.Query;

/// <summary>Arithmetic on 64-bit integers. A number with a fraction, a division by zero and an overflow are undefined.</summary>
internal static class IntegerFunctions
{
    public static Function[] All { get; } =
    [
        Two("INTADD", (a, b) => a + b),
        Two("INTSUB", (a, b) => a - b),
        Two("INTMUL", (a, b) => a * b),
        Two("INTDIV", (a, b) => b == 0 ? null : a / b),
        Two("INTMOD", (a, b) => b == 0 ? null : a % b),
        Two("INTBITAND", (a, b) => a & b),
        Two("INTBITOR", (a, b) => a | b),
        Two("INTBITXOR", (a, b) => a ^ b),
        Two("INTBITLEFTSHIFT", (a, b) => b >= 0 && b < 64 ? (long)a << (int)b : null),
        Two("INTBITRIGHTSHIFT", (a, b) => b >= 0 && b < 64 ? (long)a >> (int)b : null),
        Function.On(SqlType.Number, "INTBITNOT", 1, 1, a => Whole(a[0]) is { } value ? Fitting(~value) : SqlValue.Undefined),
    ];

    public static long? Whole(SqlValue number) =>
        number.Number == Math.Floor(number.Number) && Math.Abs(number.Number) < long.MaxValue ? (long)number.Number : null;

    private static Function Two(string name, Func<Int128, Int128, Int128?> run) => Function.On(SqlType.Number, name, 2, 2, a =>
        Whole(a[0]) is { } left && Whole(a[1]) is { } right && run(left, right) is { } result ? Fitting(result) : SqlValue.Undefined);

    private static SqlValue Fitting(Int128 value) =>
        value >= long.MinValue && value <= long.MaxValue ? SqlValue.Of((double)value) : SqlValue.Undefined;
}
