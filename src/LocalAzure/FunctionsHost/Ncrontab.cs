using NCrontab;

namespace LocalAzure.FunctionsHost;

/// <summary>
/// The schedule of a timer trigger: <c>{second} {minute} {hour} {day} {month} {day-of-week}</c> in UTC, read by the library that the Functions host reads it with.
/// (learn.microsoft.com: "Timer trigger for Azure Functions", NCRONTAB expressions.)
/// </summary>
internal sealed class Ncrontab
{
    private static readonly CrontabSchedule.ParseOptions SixFields = new() { IncludingSeconds = true };

    /// <summary>The longest wait that ends: for a 29 February on a given day of the week, around a year like 2100.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(41 * 366);

    private readonly CrontabSchedule schedule;

    private Ncrontab(CrontabSchedule schedule) => this.schedule = schedule;

    /// <exception cref="FormatException">The text is not six fields of NCRONTAB; the message says which one is wrong.</exception>
    public static Ncrontab Parse(string text)
    {
        try { return new Ncrontab(CrontabSchedule.Parse(text, SixFields)); }
        catch (CrontabException e) { throw new FormatException($"'{text}' is not {{second}} {{minute}} {{hour}} {{day}} {{month}} {{day-of-week}}: {e.Message}", e); }
    }

    /// <summary>The first instant after <paramref name="after"/> that fits; null when none ever does (a 30 February).</summary>
    public DateTimeOffset? Next(DateTimeOffset after)
    {
        var end = after.UtcDateTime + Longest;
        var next = schedule.GetNextOccurrence(after.UtcDateTime, end);
        return next < end ? new DateTimeOffset(next, TimeSpan.Zero) : null;
    }
}
