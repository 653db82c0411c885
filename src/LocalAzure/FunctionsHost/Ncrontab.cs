using System.Globalization;
using System.Numerics;

namespace LocalAzure.FunctionsHost;

/// <summary>
/// The schedule of a timer trigger: <c>{second} {minute} {hour} {day} {month} {day-of-week}</c> in UTC, as the NCRONTAB library reads it:
/// <c>*</c>, lists, ranges, steps, English names of months and days; Sunday is 0; a day must fit both of its fields.
/// (learn.microsoft.com: "Timer trigger for Azure Functions", NCRONTAB expressions.)
/// </summary>
internal sealed class Ncrontab
{
    /// <summary>The longest wait that ends: for a 29 February on a given day of the week, around a year like 2100.</summary>
    private const int MostDays = 41 * 366;

    private static readonly Field Seconds = new("second", 0, 59, []);
    private static readonly Field Minutes = new("minute", 0, 59, []);
    private static readonly Field Hours = new("hour", 0, 23, []);
    private static readonly Field Days = new("day", 1, 31, []);
    private static readonly Field Months = new("month", 1, 12, [.. CultureInfo.InvariantCulture.DateTimeFormat.MonthNames.Take(12)]);
    private static readonly Field WeekDays = new("day-of-week", 0, 6, CultureInfo.InvariantCulture.DateTimeFormat.DayNames);

    private readonly ulong second, minute, hour, day, month, weekDay;

    private Ncrontab(ulong[] sets) => (second, minute, hour, day, month, weekDay) = (sets[0], sets[1], sets[2], sets[3], sets[4], sets[5]);

    private sealed record Field(string Name, int Least, int Most, IReadOnlyList<string> Names);

    /// <exception cref="FormatException">The text is not six fields of NCRONTAB; the message says which one is wrong.</exception>
    public static Ncrontab Parse(string text)
    {
        Field[] fields = [Seconds, Minutes, Hours, Days, Months, WeekDays];
        var parts = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length != fields.Length) { throw new FormatException($"'{text}' has {parts.Length} fields; a schedule has six: {{second}} {{minute}} {{hour}} {{day}} {{month}} {{day-of-week}}"); }
        return new Ncrontab([.. fields.Zip(parts, Set)]);
    }

    /// <summary>The first instant after <paramref name="after"/> that fits; null when none ever does (a 30 February).</summary>
    public DateTimeOffset? Next(DateTimeOffset after)
    {
        var at = new DateTimeOffset(after.Year, after.Month, after.Day, after.Hour, after.Minute, after.Second, TimeSpan.Zero).AddSeconds(1);
        var date = DateOnly.FromDateTime(at.UtcDateTime);
        if (Fits(date) && NextTime(at.Hour, at.Minute, at.Second) is { } today) { return At(date, today); }
        for (var days = 0; days < MostDays; days++)
        {
            date = date.AddDays(1);
            if (Fits(date)) { return At(date, NextTime(0, 0, 0)!.Value); }
        }
        return null;
    }

    private static DateTimeOffset At(DateOnly date, TimeOnly time) => new(date, time, TimeSpan.Zero);

    private bool Fits(DateOnly date) => Has(month, date.Month) && Has(day, date.Day) && Has(weekDay, (int)date.DayOfWeek);

    /// <summary>The first time of day at or after this one; null when the day has none left.</summary>
    private TimeOnly? NextTime(int fromHour, int fromMinute, int fromSecond)
    {
        if (Has(hour, fromHour))
        {
            if (Has(minute, fromMinute) && First(second, fromSecond) is { } s) { return new TimeOnly(fromHour, fromMinute, s); }
            if (First(minute, fromMinute + 1) is { } m) { return new TimeOnly(fromHour, m, First(second, 0)!.Value); }
        }
        return First(hour, fromHour + 1) is { } h ? new TimeOnly(h, First(minute, 0)!.Value, First(second, 0)!.Value) : null;
    }

    private static bool Has(ulong set, int value) => (set >> value & 1) == 1;

    private static int? First(ulong set, int from)
    {
        var rest = from > 63 ? 0 : set >> from;
        return rest == 0 ? null : from + BitOperations.TrailingZeroCount(rest);
    }

    private static ulong Set(Field field, string text)
    {
        var set = 0UL;
        foreach (var item in text.Split(','))
        {
            var (range, step) = item.Split('/') is [var whole, var every] ? (whole, Number(field, every, 1, field.Most)) : (item, 0);
            var (from, to) = Range(field, range, step > 0);
            for (var value = from; value <= to; value += Math.Max(step, 1)) { set |= 1UL << value; }
        }
        return set;
    }

    private static (int From, int To) Range(Field field, string text, bool stepped)
    {
        if (text == "*") { return (field.Least, field.Most); }
        var ends = text.Split('-');
        var from = Value(field, ends[0]);
        var to = ends switch
        {
            [_] => stepped ? field.Most : from,
            [_, var last] => Value(field, last),
            _ => throw Wrong(field, text),
        };
        // The library reads a range that runs backwards as the same range the other way round.
        return from <= to ? (from, to) : (to, from);
    }

    private static int Value(Field field, string text)
    {
        for (var i = 0; text.Length >= 3 && i < field.Names.Count; i++)
        {
            if (field.Names[i].StartsWith(text, StringComparison.OrdinalIgnoreCase)) { return field.Least + i; }
        }
        return Number(field, text, field.Least, field.Most);
    }

    private static int Number(Field field, string text, int least, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most ? value : throw Wrong(field, text);

    private static FormatException Wrong(Field field, string text) => new($"'{text}' does not fit the field {{{field.Name}}} ({field.Least} to {field.Most})");
}
