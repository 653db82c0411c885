using System.Globalization;
using CustomerFunctions.ServiceAccounts;
using FsCheck;
using FsCheck.Fluent;

namespace CustomerFunctions.Tests.ServiceAccounts;

/// <summary>When keys rotate: the spread, windows by a zone's clock, quiet hours, and what the calendar foretells.</summary>
public sealed class RotationScheduleTests
{
    private static readonly DateTimeOffset Now = Utc(2026, 3, 1, 12, 0);

    /// <summary>An hour ahead of UTC; the clock goes from 02:00 to 03:00 on the last Sunday of March and back from 03:00 to 02:00 on the last of October. Made here, so that it is the same on every machine.</summary>
    private static readonly TimeZoneInfo Zone = TimeZoneInfo.CreateCustomTimeZone(
        "Test", TimeSpan.FromHours(1), "Test", "Test", "Test summer",
        [
            TimeZoneInfo.AdjustmentRule.CreateAdjustmentRule(
                DateTime.MinValue.Date, DateTime.MaxValue.Date, TimeSpan.FromHours(1),
                TimeZoneInfo.TransitionTime.CreateFloatingDateRule(new DateTime(1, 1, 1, 2, 0, 0), 3, 5, DayOfWeek.Sunday),
                TimeZoneInfo.TransitionTime.CreateFloatingDateRule(new DateTime(1, 1, 1, 3, 0, 0), 10, 5, DayOfWeek.Sunday)),
        ]);

    [Fact]
    public void A_thousand_accounts_made_together_rotate_over_a_tenth_of_the_interval_and_none_after_its_end()
    {
        var policy = RotationPolicy.Default;

        var planned = Enumerable.Range(0, 1000).Select(i => RotationSchedule.Next($"sva_01J{i:D23}", policy, Now)).ToList();

        planned.Should().OnlyContain(at => at > Now + (0.9 * policy.Interval) && at <= Now + policy.Interval);
        planned.GroupBy(at => at.Date).Should().HaveCountGreaterThanOrEqualTo(9).And.OnlyContain(day => day.Count() < 160, "nine days share them");
        RotationSchedule.Next("sva_1", policy, Now).Should().Be(RotationSchedule.Next("sva_1", policy, Now), "an account has one place");
    }

    [Theory]
    [InlineData(2026, 3, 28, "2026-03-28T01:30:00Z")]
    [InlineData(2026, 3, 29, "2026-03-29T01:00:00Z")]
    [InlineData(2026, 3, 30, "2026-03-30T00:30:00Z")]
    [InlineData(2026, 10, 24, "2026-10-24T00:30:00Z")]
    [InlineData(2026, 10, 25, "2026-10-25T00:30:00Z")]
    [InlineData(2026, 10, 26, "2026-10-26T01:30:00Z")]
    public void A_window_opens_once_on_every_day_also_when_the_clock_skips_its_start_or_shows_it_twice(int year, int month, int day, string opens)
    {
        var (from, to) = new RotationWindow("02:30", TimeSpan.FromHours(2)).On(new DateOnly(year, month, day), Zone);

        from.Should().Be(DateTimeOffset.Parse(opens, CultureInfo.InvariantCulture));
        (to - from).Should().Be(TimeSpan.FromHours(2));
    }

    [Fact]
    public void A_window_over_midnight_is_open_on_the_next_day_too()
    {
        var window = new RotationWindow("23:00", TimeSpan.FromHours(4), "UTC", ["monday"]);

        window.IsOpen(Utc(2026, 3, 2, 22, 59)).Should().BeFalse();
        window.IsOpen(Utc(2026, 3, 2, 23, 0)).Should().BeTrue();
        window.IsOpen(Utc(2026, 3, 3, 2, 59)).Should().BeTrue();
        window.IsOpen(Utc(2026, 3, 3, 3, 0)).Should().BeFalse();
        window.NextAfter(Utc(2026, 3, 3, 3, 0)).Opens.Should().Be(Utc(2026, 3, 9, 23, 0));
        window.LastBefore(Utc(2026, 3, 3, 3, 0)).Opens.Should().Be(Utc(2026, 3, 2, 23, 0));
    }

    [Fact]
    public void With_any_window_the_next_rotation_lies_inside_it_and_before_the_intervals_end_if_it_opens_until_then() =>
        Prop.ForAll(Policies().ToArbitrary(), policy =>
        {
            var next = RotationSchedule.Next("sva_1", policy, Now);

            next.Should().BeAfter(Now);
            policy.Window!.IsOpen(next).Should().BeTrue("{0} is open at {1}", policy.Window, next);
            var opensInTime = policy.Window.NextAfter(Now).Opens > Now && policy.Window.NextAfter(Now).Closes < Now + policy.Interval;
            if (opensInTime) { next.Should().BeOnOrBefore(Now + policy.Interval); }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Fact]
    public void A_rotation_starts_in_no_quiet_hours_unless_there_are_no_others() =>
        Prop.ForAll(Policies().Two().ToArbitrary(), both =>
        {
            var (window, quiet) = (both.Item1.Window!, both.Item2.Window!);

            var start = RotationSchedule.MayStart("sva_1", window, [quiet], Now);

            start.Should().BeOnOrAfter(Now);
            window.IsOpen(start).Should().BeTrue();
            if (quiet.IsOpen(start)) { (quiet.Duration >= window.Duration).Should().BeTrue("only a window that is quiet all through is used all the same"); }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    /// <summary>
    /// The core promise: whatever the interval, the overlap, the window, the quiet hours (other ones by the time that the rotation is due), the zones and the year, every attempt and then the old key's overlap
    /// are over before the key ends. Policies that are refused today are among them: accounts may have them still.
    /// </summary>
    [Fact]
    public void No_schedule_lets_a_published_key_end_before_the_worst_of_its_rotations_is_over() =>
        Prop.ForAll(Lives().ToArbitrary(), life =>
        {
            var promoted = life.Start;
            for (var rotation = 0; rotation < 4; rotation++)
            {
                var expires = KeyExpiry.Of(life.Id, life.Policy, promoted);
                var planned = RotationSchedule.Next(life.Id, life.Policy, promoted, expires);
                var starts = RotationSchedule.MayStart(life.Id, life.Policy.Window, life.Quiet, planned, KeyExpiry.LatestStart(life.Policy, expires));

                planned.Should().BeOnOrAfter(promoted);
                starts.Should().BeOnOrAfter(planned);
                (starts + RotationRetries.WorstCase(0) + life.Policy.Overlap).Should().BeOnOrBefore(expires, "{0} with {1} quiet", life.Policy, life.Quiet.Count);
                promoted = starts;
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000));

    [Theory]
    [InlineData("monday")]
    [InlineData("monday", "thursday")]
    public void A_window_that_opens_less_often_than_the_interval_is_kept_to_and_the_key_lasts_for_it(params string[] days)
    {
        var policy = new RotationPolicy(TimeSpan.FromDays(1), TimeSpan.FromHours(6), Window: new RotationWindow("02:00", TimeSpan.FromHours(4), "Europe/Berlin", days));
        for (var i = 0; i < 800; i++)
        {
            var (id, from) = ($"sva_01J{i:D23}", Now + TimeSpan.FromMinutes(13 * i));
            var expires = KeyExpiry.Of(id, policy, from);

            var next = RotationSchedule.Next(id, policy, from, expires);

            policy.Window!.IsOpen(next).Should().BeTrue("it was set by somebody who knows why");
            (next + RotationRetries.WorstCase(0)).Should().BeBefore(expires);
        }
    }

    [Fact]
    public void A_rotation_whose_window_and_quiet_hours_leave_no_time_before_its_key_ends_starts_all_the_same()
    {
        var window = new RotationWindow("02:00", TimeSpan.FromHours(4), "UTC", ["monday"]);
        var sunday = new RotationWindow("00:00", TimeSpan.FromDays(1), "UTC", ["sunday"]);
        var latest = Utc(2026, 3, 4, 0, 0);

        RotationSchedule.MayStart("sva_1", window, [], Utc(2026, 3, 3, 0, 0), latest).Should().Be(latest, "the next opening is too late");
        RotationSchedule.MayStart("sva_1", window, [], Utc(2026, 3, 5, 0, 0), latest).Should().Be(Utc(2026, 3, 5, 0, 0), "it is late already");
        RotationSchedule.MayStart("sva_1", null, [sunday], Now, Now + TimeSpan.FromHours(2)).Should().Be(Now + TimeSpan.FromHours(2), "2026-03-01 is a Sunday");
        var quietMonday = new RotationWindow("00:00", TimeSpan.FromDays(1), "UTC", ["monday"]);
        window.IsOpen(RotationSchedule.MayStart("sva_1", window, [quietMonday], Now, latest)).Should().BeTrue("an opening that is quiet comes before none");
    }

    [Fact]
    public void A_rotation_that_can_only_start_at_the_last_moment_alarms_before_it_is_due()
    {
        var account = KeyRotationTests.Rotated(Now);
        account = account with { Keys = [account.Current! with { ExpiresAt = KeyExpiry.Of(account.Id, account.Policy, Now) }] };
        var latest = RotationRetries.LatestStart(account)!.Value;

        RotationRetries.Alarmed(KeyRotation.Wait(account, latest - TimeSpan.FromHours(1)), Now).MarginAlarmedAt.Should().BeNull();
        RotationRetries.Alarmed(KeyRotation.Wait(account, latest), Now).MarginAlarmedAt.Should().Be(Now);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 7, "monday")]
    [InlineData(2, 4, "monday", "thursday")]
    [InlineData(3, 3, "friday", "monday", "wednesday")]
    public void The_longest_gap_of_a_window_goes_over_the_weekend(int count, int gap, params string[] days) =>
        new RotationWindow("02:00", TimeSpan.FromHours(1), Days: count == 0 ? null : days).LongestGap.Should().Be(TimeSpan.FromDays(gap));

    [Fact]
    public void Nothing_waits_without_a_window_and_quiet_hours() => RotationSchedule.MayStart("sva_1", null, [], Now).Should().Be(Now);

    [Fact]
    public void A_policy_that_changes_plans_the_next_rotation_anew_from_the_last()
    {
        var account = KeyRotationTests.Rotated(Now);
        var shorter = account.Policy with { Interval = TimeSpan.FromDays(7) };

        var changed = KeyRotation.Changed(account, shorter);

        changed.NextRotationAt.Should().Be(RotationSchedule.Next("sva_1", shorter, Now)).And.BeBefore(Now + shorter.Interval + TimeSpan.FromTicks(1));
        changed.WorkDueAt.Should().Be(changed.NextRotationAt!.Value);
    }

    [Theory]
    [InlineData(365, 1, 90, "the key that is out was made for ninety days")]
    [InlineData(365, 30, 61, "and it has to last through the longer overlap too")]
    [InlineData(30, 1, 30, "a shorter interval holds at once")]
    [InlineData(90, 1, 90, "nothing has changed")]
    [InlineData(730, 365, 0, "it cannot last through that overlap any more")]
    public void A_policy_that_gets_longer_is_that_of_the_next_key_and_the_one_that_is_out_rotates_in_time(int interval, int overlap, int days, string because)
    {
        var account = KeyRotationTests.Rotated(Now);
        var expires = KeyExpiry.Of(account.Id, account.Policy, Now);
        account = account with { Keys = [account.Current! with { ExpiresAt = expires }] };
        var policy = account.Policy with { Interval = TimeSpan.FromDays(interval), Overlap = TimeSpan.FromDays(overlap) };

        var changed = KeyRotation.Changed(account, policy);

        changed.NextRotationAt.Should().Be(RotationSchedule.Next("sva_1", policy with { Interval = TimeSpan.FromDays(days) }, Now), because).And.Be(changed.WorkDueAt);
        RotationRetries.Deadline(changed).Should().Be(expires, "a policy ends no key");
        KeyRotation.Changed(changed, account.Policy).NextRotationAt.Should().Be(account.NextRotationAt, "it can be taken back");
    }

    [Fact]
    public void A_key_whose_end_was_not_kept_rotates_when_it_was_planned_to_or_sooner()
    {
        var account = KeyRotationTests.Rotated(Now);

        KeyRotation.Changed(account, account.Policy with { Interval = TimeSpan.FromDays(365) }).NextRotationAt.Should().Be(account.NextRotationAt);
        KeyRotation.Changed(account, account.Policy with { Interval = TimeSpan.FromDays(30) }).NextRotationAt.Should().BeBefore(account.NextRotationAt!.Value);
    }

    [Theory]
    [InlineData("90.00:00", "1.00:00", "121.00:00")]
    [InlineData("30.00:00", "0.06:00", "60.06:00")]
    [InlineData("7.00:00", "1.00:00", "15.00:00")]
    [InlineData("0.01:00", "0.01:00", "1.02:00")]
    public void A_key_lasts_for_its_overlap_and_a_month_more_or_another_interval(string interval, string overlap, string lifetime)
    {
        var policy = new RotationPolicy(TimeSpan.Parse(interval, CultureInfo.InvariantCulture), TimeSpan.Parse(overlap, CultureInfo.InvariantCulture));

        (KeyExpiry.Of("sva_1", policy, Now) - Now).Should().Be(TimeSpan.Parse(lifetime, CultureInfo.InvariantCulture)).And.BeGreaterThan(policy.Interval + policy.Overlap + RotationRetries.WorstCase(0));
    }

    [Fact]
    public void The_calendar_foretells_each_rotation_in_the_span_and_which_pairs_would_meet()
    {
        var policy = new RotationPolicy(TimeSpan.FromDays(10), TimeSpan.FromDays(2));
        var one = Account("sva_1", policy with { PairWith = "sva_2" });
        var two = Account("sva_2", policy with { PairWith = "sva_1" });

        var planned = new[] { one, two }.SelectMany(account => RotationPlan.Of(account, [], Now, Now, Now + TimeSpan.FromDays(40))).ToList();

        planned.Count(rotation => rotation.Account == one).Should().BeInRange(4, 5);
        planned.Where(rotation => rotation.Account == one).Zip(planned.Where(rotation => rotation.Account == one).Skip(1)).Should().OnlyContain(pair => pair.Second.StartsAt - pair.First.StartsAt <= policy.Interval);
        foreach (var first in planned.Where(rotation => rotation.Account == one))
        {
            foreach (var second in planned.Where(rotation => rotation.Account == two && rotation.Meets(first)))
            {
                (RotationPlan.Collides(first, planned) || RotationPlan.Collides(second, planned)).Should().BeTrue();
            }
        }
    }

    private static Gen<Life> Lives() =>
        from number in Gen.Choose(0, 999)
        from hours in Gen.OneOf(Gen.Choose(1, 24 * 10), Gen.Choose(1, 24 * 730))
        from part in Gen.Choose(1, 100)
        from minutes in Gen.Choose(0, 20 * 365 * 24 * 60)
        from hasWindow in Gen.Elements(true, true, false)
        from window in Windows()
        from quietCount in Gen.Choose(0, 3)
        from quiet in Gen.ArrayOf(Windows(), quietCount)
        select new Life(
            $"sva_01J{number:D23}", new RotationPolicy(TimeSpan.FromHours(hours), TimeSpan.FromHours(hours) * part / 100, Window: hasWindow ? window : null), quiet, Utc(2024, 1, 1, 0, 0).AddMinutes(minutes));

    private static Gen<RotationWindow> Windows() =>
        from start in Gen.Choose(0, (24 * 60) - 1)
        from minutes in Gen.OneOf(Gen.Choose(15, 24 * 60), Gen.Constant(24 * 60))
        from zone in Gen.Elements("UTC", "Europe/Berlin", "Europe/Dublin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Apia", "Asia/Kathmandu")
        from days in Gen.SubListOf(new[] { "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday" })
        select new RotationWindow($"{start / 60:00}:{start % 60:00}", TimeSpan.FromMinutes(minutes), zone, days.Count > 0 ? [.. days] : null);

    private sealed record Life(string Id, RotationPolicy Policy, IReadOnlyList<RotationWindow> Quiet, DateTimeOffset Start);

    private static ServiceAccount Account(string id, RotationPolicy policy)
    {
        var account = KeyRotationTests.Rotated(Now) with { Id = id };
        return KeyRotation.Changed(account, policy);
    }

    private static Gen<RotationPolicy> Policies() =>
        from interval in Gen.Choose(1, 24 * 100)
        from start in Gen.Choose(0, (24 * 60) - 1)
        from minutes in Gen.Choose(15, 24 * 60)
        from days in Gen.SubListOf(new[] { "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday" })
        select new RotationPolicy(
            TimeSpan.FromHours(interval), TimeSpan.FromMinutes(1), Verify: true,
            new RotationWindow($"{start / 60:00}:{start % 60:00}", TimeSpan.FromMinutes(minutes), "UTC", days.Count > 0 ? [.. days] : null));

    private static DateTimeOffset Utc(int year, int month, int day, int hour, int minute) => new(year, month, day, hour, minute, 0, TimeSpan.Zero);
}
