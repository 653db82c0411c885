using CustomerFunctions.Accounts;
using CustomerFunctions.ServiceAccounts;
using NodaTime;
using NodaTime.TimeZones;
using Xunit.Abstractions;

namespace CustomerFunctions.Tests.ServiceAccounts;

/// <summary>
/// When windows open on the days on which a zone's clock changes, in every zone, compared with Noda Time and its own copy of the IANA database.
/// </summary>
public sealed class ZoneTransitionTests(ITestOutputHelper output)
{
    private static readonly Instant From = Instant.FromUtc(2024, 1, 1, 0, 0);
    private static readonly Instant To = Instant.FromUtc(2044, 1, 1, 0, 0);
    private static readonly TzdbDateTimeZoneSource Tzdb = TzdbDateTimeZoneSource.Default;

    /// <summary>A skipped start is right after the gap, and a start that comes twice is the first one.</summary>
    private static readonly ZoneLocalMappingResolver Expected = Resolvers.CreateMappingResolver(Resolvers.ReturnEarlier, Resolvers.ReturnStartOfIntervalAfter);

    [Theory]
    [InlineData("Europe/Dublin", 2028, 3, 26, "01:30", "2028-03-26T01:00:00Z")]
    [InlineData("Africa/Casablanca", 2024, 4, 14, "02:30", "2024-04-14T02:00:00Z")]
    [InlineData("Africa/El_Aaiun", 2024, 4, 14, "02:00", "2024-04-14T02:00:00Z")]
    [InlineData("Europe/Dublin", 2028, 10, 29, "01:30", "2028-10-29T00:30:00Z")]
    [InlineData("America/New_York", 2028, 3, 12, "02:30", "2028-03-12T07:00:00Z")]
    [InlineData("Australia/Lord_Howe", 2028, 10, 1, "02:15", "2028-09-30T15:30:00Z")]
    public void A_window_opens_right_after_a_gap_also_where_summer_time_lies_behind_standard_time(string zone, int year, int month, int day, string start, string opens)
    {
        var window = new RotationWindow(start, TimeSpan.FromHours(1), zone);

        window.On(new DateOnly(year, month, day), TimeZoneInfo.FindSystemTimeZoneById(zone)).Opens
            .Should().Be(DateTimeOffset.Parse(opens, System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public void In_every_zone_a_window_opens_when_noda_time_says_on_each_day_on_which_the_clock_changes()
    {
        var (checkedZones, checkedStarts) = (0, 0);
        List<string> wrong = [], differing = [];
        foreach (var id in Tzdb.GetIds().Where(TimeZones.Contains))
        {
            if (!TimeZoneInfo.TryFindSystemTimeZoneById(id, out var machine)) { differing.Add(id); continue; }
            var zone = Tzdb.ForId(id);
            var all = zone.GetZoneIntervals(From, To).Where(interval => interval.HasStart && interval.Start > From).ToList();
            // Another release of the database: the two do not agree on what the clock shows at an instant, which has nothing to do with how a local time is resolved.
            var changes = all.Where(change => Nearby(change.Start).All(at => zone.GetUtcOffset(at).ToTimeSpan() == machine.GetUtcOffset(at.ToDateTimeOffset()))).ToList();
            if (changes.Count < all.Count) { differing.Add($"{id} ({all.Count - changes.Count} of {all.Count})"); }
            checkedZones++;
            foreach (var local in changes.SelectMany(change => Around(zone, change)).Distinct())
            {
                var expected = zone.ResolveLocal(local, Expected).ToInstant().ToDateTimeOffset();
                var window = new RotationWindow($"{local.Hour:00}:{local.Minute:00}", TimeSpan.FromHours(1), id);
                var found = window.On(new DateOnly(local.Year, local.Month, local.Day), machine).Opens;
                if (found != expected) { wrong.Add($"{id} {local}: {found:u}, not {expected:u}"); }
                checkedStarts++;
            }
        }

        output.WriteLine($"{checkedStarts} starts in {checkedZones} zones. Machine: {MachineVersion ?? "unknown"}; Noda Time: {Tzdb.TzdbVersion}. Differing: {string.Join(", ", differing)}");
        wrong.Should().BeEmpty();
        checkedZones.Should().BeGreaterThan(500);
        if (MachineVersion == Tzdb.TzdbVersion) { differing.Should().BeEmpty("both have the same database"); }
        else { differing.Count.Should().BeLessThan(40, "one release of the database changes few zones: {0}", string.Join(", ", differing)); }
    }

    /// <summary>The release of the machine's database, as its own file says; null where there is none.</summary>
    private static string? MachineVersion { get; } =
        File.Exists("/usr/share/zoneinfo/tzdata.zi") ? File.ReadLines("/usr/share/zoneinfo/tzdata.zi").First().Split(' ')[^1] : null;

    private static IEnumerable<Instant> Nearby(Instant change) => new[] { -48, -24, 0, 24, 48 }.Select(hours => change + Duration.FromHours(hours)).Append(change - Duration.Epsilon);

    /// <summary>Local times, in whole minutes, before, in, at both ends of and after what the clock skips or shows twice.</summary>
    private static IEnumerable<LocalDateTime> Around(DateTimeZone zone, ZoneInterval change)
    {
        var before = change.Start.WithOffset(zone.GetUtcOffset(change.Start - Duration.Epsilon)).LocalDateTime;
        var after = change.Start.WithOffset(change.WallOffset).LocalDateTime;
        var (low, high) = before < after ? (before, after) : (after, before);
        var middle = Period.Between(low, high, PeriodUnits.Minutes).Minutes / 2;
        return new[] { low.PlusMinutes(-15), low.PlusMinutes(-1), low, low.PlusMinutes(middle), high.PlusMinutes(-1), high, high.PlusMinutes(15) }
            .Select(local => local.With(TimeAdjusters.TruncateToMinute));
    }
}
