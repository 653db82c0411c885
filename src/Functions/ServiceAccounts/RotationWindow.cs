using System.ComponentModel.DataAnnotations;
using System.Globalization;
using CustomerFunctions.Accounts;
using CustomerFunctions.Edge;

namespace CustomerFunctions.ServiceAccounts;

/// <summary>
/// A stretch of time that comes again on some days of the week, by the clock of a time zone. It opens when that clock shows <paramref name="Start"/>, or skips over it in spring; when the clock
/// shows it twice in autumn, the first time. It lasts as long as it says, whatever the clock does meanwhile.
/// </summary>
/// <param name="Start">When it opens, as HH:mm.</param>
/// <param name="Duration">How long it stays open, ISO 8601: PT15M to P1D.</param>
/// <param name="TimeZone">A name of the IANA time zone database, such as Europe/Berlin; UTC when absent.</param>
/// <param name="Days">The days on which it opens: monday to sunday; every day when absent.</param>
public sealed record RotationWindow([property: Required] string? Start = null, [property: Required] TimeSpan? Duration = null, string? TimeZone = null, IReadOnlyList<string>? Days = null)
{
    private const string StartForm = "HH:mm";
    private static readonly TimeSpan Shortest = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);
    private static readonly string[] Weekdays = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

    internal void Check(Checks checks, string at)
    {
        if (Start is null) { checks.Add($"{at}/start", "required", "The field is required."); }
        else if (!TimeOnly.TryParseExact(Start, StartForm, CultureInfo.InvariantCulture, DateTimeStyles.None, out _)) { checks.Add($"{at}/start", "malformed", "Expected a time of day as HH:mm."); }
        if (Duration is null) { checks.Add($"{at}/duration", "required", "The field is required."); }
        else if (Duration < Shortest || Duration > Longest) { checks.Add($"{at}/duration", "out-of-range", "Expected PT15M to P1D."); }
        if (TimeZone is not null && (!TimeZones.Contains(TimeZone) || !TimeZoneInfo.TryFindSystemTimeZoneById(TimeZone, out _))) { checks.Add($"{at}/timeZone", "unknown-value", "Expected a time zone's IANA name that this server knows, such as Europe/Berlin."); }
        if (Days?.Count == 0 || Days?.Any(day => !Weekdays.Contains(day)) == true) { checks.Add($"{at}/days", "unknown-value", "Expected some of monday to sunday; leave it out for every day."); }
    }

    /// <summary>The longest time from one opening to the next, in days of the zone's clock; a change of the clock makes it an hour longer or shorter.</summary>
    internal TimeSpan LongestGap
    {
        get
        {
            var open = Enumerable.Range(0, 14).Where(day => Days is null || Days.Contains(Weekdays[day % 7])).ToList();
            return TimeSpan.FromDays(open.Zip(open.Skip(1), (one, next) => next - one).DefaultIfEmpty().Max());
        }
    }

    /// <summary>The first opening that ends after <paramref name="instant"/>; it may have begun before.</summary>
    internal (DateTimeOffset Opens, DateTimeOffset Closes) NextAfter(DateTimeOffset instant)
    {
        var zone = Zone;
        var first = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(instant, zone).DateTime).AddDays(-2);
        // A week has an opening, and two days more are for what began before; a day of the week may be missing where a zone has crossed the date line.
        return Enumerable.Range(0, 17).Select(first.AddDays).Where(IsOn).Select(day => On(day, zone)).First(opening => opening.Closes > instant);
    }

    /// <summary>The last opening that begins before <paramref name="instant"/>.</summary>
    internal (DateTimeOffset Opens, DateTimeOffset Closes) LastBefore(DateTimeOffset instant)
    {
        var zone = Zone;
        var last = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(instant, zone).DateTime).AddDays(1);
        return Enumerable.Range(0, 17).Select(day => last.AddDays(-day)).Where(IsOn).Select(day => On(day, zone)).First(opening => opening.Opens < instant);
    }

    internal bool IsOpen(DateTimeOffset instant) => NextAfter(instant).Opens <= instant;

    internal (DateTimeOffset Opens, DateTimeOffset Closes) On(DateOnly day, TimeZoneInfo zone)
    {
        var opens = TimeZones.FirstInstantOf(day.ToDateTime(TimeOnly.ParseExact(Start!, StartForm, CultureInfo.InvariantCulture)), zone);
        return (opens, opens + Duration!.Value);
    }

    /// <summary>By the time in UTC where the machine has lost the zone that it knew when the window was set: a rotation must come at last.</summary>
    private TimeZoneInfo Zone => TimeZoneInfo.TryFindSystemTimeZoneById(TimeZone ?? "UTC", out var zone) ? zone : TimeZoneInfo.Utc;

    private bool IsOn(DateOnly day) => Days is null || Days.Contains(Weekdays[(int)day.DayOfWeek]);
}
