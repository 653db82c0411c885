using FsCheck;
using FsCheck.Fluent;

namespace CustomerFunctions.Tests.ServiceAccounts;

/// <summary>What holds in every interleaving of two instances that work, fail, die, freeze and wake on one account while the clock jumps.</summary>
public sealed class KeyRotationPropertyTests
{
    private static readonly TimeSpan[] Jumps =
    [
        TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(89), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(10), RotationWorld.Policy.Overlap / 2, RotationWorld.Policy.Overlap,
        RotationWorld.Policy.Interval, TimeSpan.FromDays(400),
    ];

    private static readonly Gen<Event> Events = Gen.Frequency<Event>(
        (12, from instance in Gen.Choose(0, 1) select new Event(Happening.Step, instance)),
        (2, from instance in Gen.Choose(0, 1) select new Event(Happening.Failure, instance)),
        (1, from instance in Gen.Choose(0, 1) select new Event(Happening.Death, instance)),
        (1, from instance in Gen.Choose(0, 1) select new Event(Happening.ManualRotation, instance)),
        (4, from jump in Gen.Choose(0, Jumps.Length - 1) select new Event(Happening.Jump, jump)));

    private enum Happening
    {
        Step,
        Failure,
        Death,
        ManualRotation,
        Jump,
    }

    [Fact]
    public void At_every_instant_what_key_vault_hands_out_is_accepted_and_so_is_what_it_handed_out_an_overlap_ago() =>
        Prop.ForAll(Gen.ListOf(Events).ToArbitrary(), events =>
        {
            var world = new RotationWorld();
            foreach (var happening in events)
            {
                Happen(world, happening);
                world.ShouldBeSound();
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000).WithEndSize(200));

    [Fact]
    public void From_every_state_the_work_comes_due_and_ends_with_one_current_key() =>
        Prop.ForAll(Gen.ListOf(Events).ToArbitrary(), events =>
        {
            var world = new RotationWorld();
            foreach (var happening in events) { Happen(world, happening); }

            world.Die(0);
            world.Die(1);
            for (var i = 0; i < 20 && !world.IsFinished; i++)
            {
                world.PassUntilDue();
                world.RunToTheEnd(instance: 0);
                world.ShouldBeSound();
            }
            world.ShouldBeFinished();
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500).WithEndSize(200));

    private static void Happen(RotationWorld world, Event happening)
    {
        switch (happening.What)
        {
            case Happening.Step: world.Step(happening.Which); break;
            case Happening.Failure: world.Fail(happening.Which); break;
            case Happening.Death: world.Die(happening.Which); break;
            case Happening.ManualRotation: world.RotateByHand(happening.Which); break;
            default: world.Pass(Jumps[happening.Which]); break;
        }
    }

    private sealed record Event(Happening What, int Which);
}
