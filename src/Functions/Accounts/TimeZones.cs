using System.Collections.Frozen;

namespace CustomerFunctions.Accounts;

/// <summary>The names of the IANA time zone database. A list of our own, because not every machine that this runs on has the database, and the framework maps names with ICU only.</summary>
internal static class TimeZones
{
    private static readonly Lazy<FrozenSet<string>> Names = new(Read);

    public static bool Contains(string name) => Names.Value.Contains(name);

    /// <summary>
    /// The first instant at which a zone's clock shows a local time; if the clock skips that time, the instant right after the gap. A local time is skipped when no instant converts to it. Only
    /// conversions from UTC are used: <see cref="TimeZoneInfo.IsInvalidTime"/> misses the gaps of zones with negative daylight saving time (Europe/Dublin, Africa/Casablanca, Africa/El_Aaiun).
    /// </summary>
    public static DateTimeOffset FirstInstantOf(DateTime local, TimeZoneInfo zone)
    {
        var shown = DateTime.SpecifyKind(local, DateTimeKind.Utc);
        while (true)
        {
            // The zone's offset at that time is one of those a day before, at, and a day after it.
            DateTimeOffset? first = null;
            foreach (var days in (ReadOnlySpan<int>)[-1, 0, 1])
            {
                var instant = new DateTimeOffset(shown - zone.GetUtcOffset(shown.AddDays(days)));
                if (instant.UtcDateTime + zone.GetUtcOffset(instant) == shown && !(first < instant)) { first = instant; }
            }
            if (first is { } found) { return found; }
            shown = shown.AddMinutes(1);
        }
    }

    /// <summary>A line is an area and what is in it; a dash for what is in none.</summary>
    private static FrozenSet<string> Read()
    {
        using var reader = new StreamReader(typeof(TimeZones).Assembly.GetManifestResourceStream("time-zones.txt")!);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' '))
            .SelectMany(words => words.Skip(1).Select(place => words[0] == "-" ? place : $"{words[0]}/{place}")).ToFrozenSet(StringComparer.Ordinal);
    }
}
