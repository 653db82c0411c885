using System.Globalization;

namespace LocalAzure.Cosmos.Query;

/// <summary>
/// "Date and time functions". Instants are texts <c>YYYY-MM-DDThh:mm:ss.fffffffZ</c> (the fraction and the Z may be missing),
/// ticks and timestamps count from 1970. Anything else, and a result outside the years 1 to 9999, is undefined.
/// </summary>
internal static class DateFunctions
{
    private static readonly string[] Formats = ["yyyy-MM-ddTHH:mm:ss.FFFFFFF", "yyyy-MM-ddTHH:mm:ss.FFFFFFFZ"];
    private static readonly DateTime FirstBinStart = new(1601, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private enum Part { Year, Month, Day, Hour, Minute, Second, Millisecond, Microsecond, Nanosecond }

    public static Function[] All { get; } =
    [
        new("DATETIMEADD", 3, 3, a =>
            PartOf(a[0]) is { } part && Whole(a[1]) is { } count && Instant(a[2]) is { } at ? Add(part, count, at) : SqlValue.Undefined),
        new("DATETIMEDIFF", 3, 3, a =>
            PartOf(a[0]) is { } part && Instant(a[1]) is { } start && Instant(a[2]) is { } end
                ? SqlValue.Of((double)(Boundaries(part, end) - Boundaries(part, start)))
                : SqlValue.Undefined),
        new("DATETIMEPART", 2, 2, a =>
            PartOf(a[0]) is { } part && Instant(a[1]) is { } at ? SqlValue.Of((double)Value(part, at)) : SqlValue.Undefined),
        new("DATETIMEBIN", 2, 4, Bin),
        new("DATETIMEFROMPARTS", 3, 7, FromParts),
        Since1970("DATETIMETOTICKS", at => (at - DateTimeOffset.UnixEpoch).Ticks),
        Since1970("DATETIMETOTIMESTAMP", at => at.ToUnixTimeMilliseconds()),
        At("TICKSTODATETIME", ticks: 1),
        At("TIMESTAMPTODATETIME", TimeSpan.TicksPerMillisecond),
    ];

    /// <summary>The functions of the current time, by the test clock: the same instant in every row of a query.</summary>
    public static Function? Current(string name, DateTimeOffset now)
    {
        SqlValue? value = name switch
        {
            "GETCURRENTDATETIME" or "GETCURRENTDATETIMESTATIC" => Text(now.UtcDateTime),
            "GETCURRENTTIMESTAMP" or "GETCURRENTTIMESTAMPSTATIC" => SqlValue.Of((double)now.ToUnixTimeMilliseconds()),
            "GETCURRENTTICKS" or "GETCURRENTTICKSSTATIC" => SqlValue.Of((double)(now - DateTimeOffset.UnixEpoch).Ticks),
            _ => null,
        };
        return value is { } constant ? new Function(name, 0, 0, _ => constant) : null;
    }

    private static Function Since1970(string name, Func<DateTimeOffset, long> count) => new(name, 1, 1, a =>
        Instant(a[0]) is { } at ? SqlValue.Of((double)count(new DateTimeOffset(at))) : SqlValue.Undefined);

    private static Function At(string name, long ticks) => new(name, 1, 1, a =>
        Whole(a[0]) is { } count ? FromTicks((Int128)count * ticks) : SqlValue.Undefined);

    private static SqlValue Add(Part part, long count, DateTime at)
    {
        try
        {
            return Text(part switch
            {
                Part.Year => at.AddYears(checked((int)count)),
                Part.Month => at.AddMonths(checked((int)count)),
                Part.Nanosecond => at.AddTicks(count / TimeSpan.NanosecondsPerTick),
                _ => at.AddTicks(checked(count * (long)(Nanoseconds(part) / TimeSpan.NanosecondsPerTick))),
            });
        }
        catch (Exception e) when (e is OverflowException or ArgumentOutOfRangeException) { return SqlValue.Undefined; }
    }

    /// <summary>How many of this part's boundaries lie between the year 1 and an instant.</summary>
    private static Int128 Boundaries(Part part, DateTime at) => part switch
    {
        Part.Year => at.Year,
        Part.Month => (at.Year * 12) + at.Month,
        _ => (Int128)at.Ticks * TimeSpan.NanosecondsPerTick / Nanoseconds(part),
    };

    private static int Value(Part part, DateTime at)
    {
        var fraction = (int)(at.Ticks % TimeSpan.TicksPerSecond);
        return part switch
        {
            Part.Year => at.Year,
            Part.Month => at.Month,
            Part.Day => at.Day,
            Part.Hour => at.Hour,
            Part.Minute => at.Minute,
            Part.Second => at.Second,
            Part.Millisecond => at.Millisecond,
            Part.Microsecond => fraction / 10,
            _ => fraction * 100,
        };
    }

    private static SqlValue Bin(SqlValue[] a)
    {
        var size = a.Length > 2 ? Whole(a[2]) : 1;
        var start = a.Length > 3 ? Instant(a[3]) : DateTime.UnixEpoch;
        if (Instant(a[0]) is not { } at || PartOf(a[1]) is not ({ } part and not (Part.Year or Part.Month))) { return SqlValue.Undefined; }
        if (size is not > 0 || start is not { } from || from < FirstBinStart) { return SqlValue.Undefined; }
        var width = Nanoseconds(part) * size.Value;
        var distance = (Int128)(at - from).Ticks * TimeSpan.NanosecondsPerTick;
        // The bin's start lies before the instant, also where the instant lies before the first bin.
        var rest = ((distance % width) + width) % width;
        return FromTicks((from - DateTime.UnixEpoch).Ticks + ((distance - rest) / TimeSpan.NanosecondsPerTick));
    }

    private static SqlValue FromParts(SqlValue[] a)
    {
        var parts = new int[7];
        for (var i = 0; i < a.Length; i++)
        {
            if (Whole(a[i]) is not (>= 0 and <= 9_999_999 and var part)) { return SqlValue.Undefined; }
            parts[i] = (int)part;
        }
        try
        {
            return Text(new DateTime(parts[0], parts[1], parts[2], parts[3], parts[4], parts[5], DateTimeKind.Utc).AddTicks(parts[6]));
        }
        catch (ArgumentOutOfRangeException) { return SqlValue.Undefined; }
    }

    private static SqlValue FromTicks(Int128 sinceEpoch)
    {
        var ticks = sinceEpoch + DateTime.UnixEpoch.Ticks;
        return ticks >= 0 && ticks <= DateTime.MaxValue.Ticks ? Text(new DateTime((long)ticks, DateTimeKind.Utc)) : SqlValue.Undefined;
    }

    private static Part? PartOf(SqlValue value) => value.Type != SqlType.String ? null : value.Text switch
    {
        "year" or "yyyy" or "yy" => Part.Year,
        "month" or "mm" or "m" => Part.Month,
        "day" or "dd" or "d" => Part.Day,
        "hour" or "hh" => Part.Hour,
        "minute" or "mi" or "n" => Part.Minute,
        "second" or "ss" or "s" => Part.Second,
        "millisecond" or "ms" => Part.Millisecond,
        "microsecond" or "mcs" => Part.Microsecond,
        "nanosecond" or "ns" => Part.Nanosecond,
        _ => null,
    };

    private static Int128 Nanoseconds(Part part) => TimeSpan.NanosecondsPerTick * (Int128)(part switch
    {
        Part.Day => TimeSpan.TicksPerDay,
        Part.Hour => TimeSpan.TicksPerHour,
        Part.Minute => TimeSpan.TicksPerMinute,
        Part.Second => TimeSpan.TicksPerSecond,
        Part.Millisecond => TimeSpan.TicksPerMillisecond,
        _ => TimeSpan.TicksPerMicrosecond,
    }) / (part == Part.Nanosecond ? 1000 : 1);

    private static long? Whole(SqlValue value) => value.Type == SqlType.Number ? IntegerFunctions.Whole(value) : null;

    private static DateTime? Instant(SqlValue value)
    {
        const DateTimeStyles Utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        if (value.Type != SqlType.String) { return null; }
        return DateTime.TryParseExact(value.Text, Formats, CultureInfo.InvariantCulture, Utc, out var at) ? at : null;
    }

    private static SqlValue Text(DateTime at) =>
        SqlValue.Of(at.ToString("yyyy-MM-ddTHH:mm:ss.fffffffZ", CultureInfo.InvariantCulture));
}
