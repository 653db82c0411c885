using System.Globalization;

namespace CustomerFunctions.Usage;

/// <summary>Calendar months in UTC, by names such as <c>2026-11</c>. One clock for every customer: a quota resets everywhere at the same instant, and no summer time makes a day longer.</summary>
internal static class UsageMonths
{
    private const string Form = "yyyy-MM";

    public static string Of(DateTimeOffset instant) => instant.UtcDateTime.ToString(Form, CultureInfo.InvariantCulture);

    /// <summary>A month of this millennium: there is always one before it and one behind.</summary>
    public static bool IsMonth(string? text) => DateTime.TryParseExact(text, Form, CultureInfo.InvariantCulture, DateTimeStyles.None, out var month) && month.Year is >= 2000 and < 3000;

    public static DateTimeOffset Start(string month) => new(DateTime.ParseExact(month, Form, CultureInfo.InvariantCulture), TimeSpan.Zero);

    /// <summary>The first instant that is no longer in it.</summary>
    public static DateTimeOffset End(string month) => Start(month).AddMonths(1);

    public static string Before(string month) => Of(Start(month).AddMonths(-1));

    public static string After(string month) => Of(End(month));

    /// <summary>The day of the month, as usage by day is kept under.</summary>
    public static string Day(DateTimeOffset instant) => instant.UtcDateTime.ToString("dd", CultureInfo.InvariantCulture);
}
