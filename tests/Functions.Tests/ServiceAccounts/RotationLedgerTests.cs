using CustomerFunctions.ServiceAccounts;
using FsCheck;
using FsCheck.Fluent;
using Xunit.Abstractions;

namespace CustomerFunctions.Tests.ServiceAccounts;

/// <summary>Timers fire early, late, twice, not at all, and die in the middle; clocks differ and jump. Each due slot is handled once all the same.</summary>
public sealed class RotationLedgerTests(ITestOutputHelper output)
{
    private const string Timer = "RotateServiceAccountKeys";
    private const int Days = 3000;
    private const int Cases = 200;
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Usual = TimeSpan.FromHours(6);

    private static readonly RotationPolicy[] Policies =
    [
        new(TimeSpan.FromDays(2), TimeSpan.FromHours(3)),
        new(TimeSpan.FromDays(30), TimeSpan.FromDays(1)),
        new(TimeSpan.FromDays(7), TimeSpan.FromDays(1)) { Window = new RotationWindow("02:30", TimeSpan.FromHours(7), "Europe/Berlin") },
    ];

    /// <summary>On time as a rule; a minute early, hours late, again within a lease, after days of silence, after a leap of the clock.</summary>
    private static readonly Gen<TimeSpan> Waits = Gen.Frequency(
        (12, Gen.Constant(Usual)),
        (2, Gen.Constant(Usual - TimeSpan.FromMinutes(1))),
        (2, from minutes in Gen.Choose(1, 600) select Usual + TimeSpan.FromMinutes(minutes)),
        (2, from days in Gen.Choose(1, 9) select TimeSpan.FromDays(days)),
        (2, from seconds in Gen.Choose(0, 150) select TimeSpan.FromSeconds(seconds)),
        (1, Gen.Constant(TimeSpan.FromDays(400))));

    /// <summary>By how many seconds a host's clock is ahead: none as a rule, or as much as clocks differ, or hours, until it is set right.</summary>
    private static readonly Gen<int> Ahead = Gen.Frequency((8, Gen.Constant(0)), (2, Gen.Choose(-90, 90)), (1, Gen.Choose(-7200, 7200)));

    private static readonly Gen<Firing> Firings =
        from after in Waits
        from ahead in Ahead
        from doubled in Gen.Frequency((4, Gen.Constant(false)), (1, Gen.Constant(true)))
        from dies in Gen.Frequency((5, Gen.Constant(-1)), (1, Gen.Choose(1, 4)))
        select new Firing(after, TimeSpan.FromSeconds(ahead), doubled, dies < 0 ? null : dies);

    [Fact]
    public void Over_thousands_of_days_every_due_slot_is_handled_exactly_once()
    {
        var (slots, fired, lived) = (0, 0L, TimeSpan.Zero);
        Prop.ForAll(Gen.NonEmptyListOf(Firings).ToArbitrary(), Gen.Choose(0, Policies.Length - 1).ToArbitrary(), (firings, policy) =>
        {
            var world = new TimerWorld(Policies[policy], Start);
            // What goes wrong comes again and again, each time at another place between two slots.
            for (var i = 0; i < 4 * Days && world.Now < Start.AddDays(Days); i++, fired++) { world.Fire(firings[i % firings.Count]); }
            for (var i = 0; i < 100 && (i < 8 || !world.Rests); i++, fired++) { world.Fire(new Firing(Usual, TimeSpan.Zero, IsDoubled: false, DiesAfter: null)); }

            world.EverySlotShouldHaveBeenHandledOnce();
            slots += world.Slots;
            lived += world.Now - Start;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(Cases));

        output.WriteLine($"{Cases} lives of an account, {lived.TotalDays:N0} days, {fired:N0} firings, {slots:N0} slots");
        lived.Should().BeGreaterThan(TimeSpan.FromDays(Cases * Days / 2), "few lives pass in seconds");
    }

    [Fact]
    public async Task Two_instances_whose_timers_fire_early_late_and_twice_rotate_once_for_each_slot()
    {
        await using var app = await App.StartWithoutSchedules("--instances", "2");
        var account = await RotatedAccount.Create(app, RotatedAccount.ApiCredential);
        TimeSpan[] late = [TimeSpan.Zero, TimeSpan.FromHours(5), TimeSpan.FromDays(45), TimeSpan.FromSeconds(1)];
        for (var slot = 0; slot < late.Length; slot++)
        {
            var due = (await account.Get())["nextRotationAt"]!.GetValue<DateTimeOffset>();
            await app.Cloud.Advance(due - await app.Cloud.Now() - TimeSpan.FromMinutes(1));
            await FireEverywhere(app);
            (await account.Get())["nextRotationAt"]!.GetValue<DateTimeOffset>().Should().Be(due, "it is a minute early");

            await app.Cloud.Advance(TimeSpan.FromMinutes(1) + late[slot]);
            await Task.WhenAll(FireEverywhere(app), FireEverywhere(app));
            await account.RunTimerUntil("settle");
            await app.Cloud.Advance(RotatedAccount.Overlap);
            await Task.WhenAll(FireEverywhere(app), FireEverywhere(app));
            await account.RunTimerUntil("done");

            (await account.Keys()).Select(key => (string)key["rotationId"]!).Distinct().Should().HaveCount(2 + slot, "the first rotation, and one for each slot");
            (await account.Versions()).Should().HaveCount(2 + slot);
            await account.ShouldHaveOneCurrentKey();
        }
    }

    private static async Task FireEverywhere(App app) => await Task.WhenAll(app.Cloud.RunTimer(Timer, 0), app.Cloud.RunTimer(Timer, 1));
}
