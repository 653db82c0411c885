using CustomerFunctions.Migrations;
using CustomerFunctions.ServiceAccounts;

namespace CustomerFunctions.Tests.ServiceAccounts;

/// <summary>What a leak, an emergency, a pause or another policy makes of a rotation, wherever that stands.</summary>
public sealed class InterruptedRotationTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly RotationPolicy Policy = new(TimeSpan.FromDays(90), TimeSpan.FromDays(1));

    [Fact]
    public void What_an_emergency_has_ended_stays_ended_whatever_happens_before_it_is_retired()
    {
        var promoted = Promoted(KeyRotation.Emergency(KeyRotationTests.Rotated(Now - Policy.Interval), "ada", "A laptop was stolen", "rot_2", "key_2", Now));

        Old(KeyRotation.Resume(KeyRotation.Pause(promoted, Now), Now + TimeSpan.FromDays(3))).RetireAt.Should().Be(Now);
        Old(KeyRetirement.PuttingBack(promoted, "key_1", Now)).RetireAt.Should().Be(Now);
        Old(Promoted(KeyRotation.Replace(promoted, "rot_3", "key_3", Now))).RetireAt.Should().Be(Now, "what takes the place of a lost key comes of the emergency");
        Old(Promoted(Leaked(promoted, "key_2", endOverlap: false))).RetireAt.Should().Be(Now);
    }

    [Theory]
    [InlineData(RotationStep.Done, false)]
    [InlineData(RotationStep.Settle, false)]
    [InlineData(RotationStep.Settle, true)]
    [InlineData(RotationStep.Retire, false)]
    [InlineData(RotationStep.Retire, true)]
    public void A_current_key_that_leaked_is_replaced_at_once_also_amid_a_retirement_that_fails_or_is_parked(RotationStep step, bool isParked)
    {
        foreach (var endOverlap in new[] { true, false })
        {
            var account = Promoted(Started());
            account = account with { LeasedUntil = null, Rotation = account.Rotation with { Step = step, Attempts = 9, ParkedAt = isParked ? Now : null } };

            var replaced = Leaked(account, "key_2", endOverlap);

            replaced.Rotation.Should().Match<Rotation>(rotation => rotation.Id == "rot_leak" && rotation.Trigger == RotationTrigger.Leak && rotation.Step == RotationStep.Create && rotation.ParkedAt == null && rotation.Attempts == 0);
            replaced.Current!.LeakedAt.Should().Be(Now);
            Leaked(replaced, "key_2", endOverlap).Should().BeSameAs(replaced, "a report that comes again does nothing more");
            var leaked = Promoted(replaced).Keys.Single(key => key.Id == "key_2");
            leaked.RetireAt.Should().Be(endOverlap ? Now : Now + Policy.Overlap);
        }
    }

    [Theory]
    [InlineData(RotationStep.Done)]
    [InlineData(RotationStep.Settle)]
    [InlineData(RotationStep.Retire)]
    public void A_report_of_a_leak_waits_for_a_live_claim_whose_holder_might_put_the_leaked_key_back(RotationStep step)
    {
        foreach (var endOverlap in new[] { true, false })
        {
            var claimed = KeyRotation.Claim(Promoted(Started()), Now);
            claimed = claimed with { Rotation = claimed.Rotation with { Step = step } };

            var reported = Leaked(claimed, "key_2", endOverlap);

            reported.Rotation.Should().Be(claimed.Rotation);
            (reported.LeasedUntil, reported.WorkDueAt).Should().Be((claimed.LeasedUntil, claimed.WorkDueAt));
            reported.Current!.LeakedAt.Should().Be(Now);
            Leaked(reported, "key_2", endOverlap).Should().BeSameAs(reported, "a report that comes again does nothing more");
            KeyRotation.Due(reported, Now + KeyRotation.Lease).Should().Be(DueWork.Start, "the claim is over then");
        }
    }

    [Fact]
    public void What_is_due_because_of_a_leak_stays_due_when_the_policy_changes_or_a_migration_is_cancelled()
    {
        var leaked = KeyRotation.Promoted(Leaked(KeyRotation.Created(KeyRotationTests.New(Policy, Now), slot: null, "hash-1", Now), "key_1", endOverlap: true), "v1", Now);
        leaked.Rotation.Step.Should().Be(RotationStep.Done);

        var changed = KeyRotation.Changed(leaked, Policy with { Interval = TimeSpan.FromDays(30) });
        KeyRotation.Due(changed, Now).Should().Be(DueWork.Start);

        var migration = new Migration { Id = "mig_1", Step = MigrationStep.Switch, RequestedBy = "ada", StartedAt = Now, RotationBefore = leaked.Rotation };
        var canceled = MigrationSteps.Cancel(leaked with { Migration = migration, WorkDueAt = DateTimeOffset.MaxValue }, Now);
        KeyRotation.Due(canceled, Now).Should().Be(DueWork.Start);
    }

    [Fact]
    public void A_claim_that_ran_out_has_the_secret_looked_at_again_after_the_promotion_and_after_the_last_retirement()
    {
        var (late, day) = (KeyRotation.LateAfter, Policy.Overlap);
        var taken = KeyRotation.Claim(Started(), Now + KeyRotation.Lease);
        taken.LookAt.Should().NotBeNull();
        Promoted(KeyRotation.Claim(Started(), Now)).LookAt.Should().BeNull("a claim that is renewed was never lost");

        var settling = Promoted(taken);
        (settling.LookAt, settling.WorkDueAt).Should().Be((Now + late, Now + late));
        KeyRotation.Due(settling, Now + late).Should().Be(DueWork.Retire);
        var looked = KeyRetirement.Retired(settling, KeyRetirement.Due(settling, Now + late), Now + late);
        (looked.Rotation.Step, looked.WorkDueAt).Should().Be((RotationStep.Settle, Now + day));

        var retired = KeyRetirement.Retired(looked, KeyRetirement.Due(looked, Now + day), Now + day);
        (retired.Rotation.Step, retired.WorkDueAt).Should().Be((RotationStep.Done, Now + day + late));
        KeyRotation.Due(retired, Now + day + late).Should().Be(DueWork.Retire);
        var done = KeyRetirement.Retired(retired, [], Now + day + late);
        (done.LookAt, done.WorkDueAt, done.Rotation.FinishedAt).Should().Be((null, done.NextRotationAt!.Value, Now + day));
    }

    [Fact]
    public void A_look_that_came_due_while_the_account_was_suspended_is_made_when_it_is_restored()
    {
        var settling = Promoted(KeyRotation.Claim(Started(), Now + KeyRotation.Lease));
        var restored = Now + TimeSpan.FromDays(3);

        KeyRotation.Due(KeyRotation.Resume(KeyRotation.Pause(settling, Now + KeyRotation.LateAfter), restored), restored).Should().Be(DueWork.Retire);
    }

    [Fact]
    public void A_look_that_fails_is_repeated_and_never_parks_the_account()
    {
        var looking = KeyRotationTests.Rotated(Now);
        for (var attempt = 1; attempt < 20; attempt++)
        {
            looking = KeyRotation.Failed(KeyRotation.Claim(looking, Now), RotationStep.Done, "Key Vault did not answer.", jitter: 0, Now);
            (looking.Rotation.Step, looking.Rotation.ParkedAt, looking.WorkDueAt).Should().Be((RotationStep.Done, null, Now + KeyRotation.LateAfter));
        }
    }

    [Theory]
    [InlineData(RotationStep.Create)]
    [InlineData(RotationStep.Test)]
    [InlineData(RotationStep.Store)]
    [InlineData(RotationStep.Promote)]
    public void A_rotation_that_stands_still_goes_on_at_once_when_the_key_that_it_replaces_leaks(RotationStep step)
    {
        foreach (var endOverlap in new[] { true, false })
        {
            var parked = Started() with { LeasedUntil = null, WorkDueAt = DateTimeOffset.MaxValue };
            parked = parked with { Rotation = parked.Rotation with { Step = step, Attempts = 9, ParkedAt = Now } };

            var taken = Leaked(parked, "key_1", endOverlap);

            taken.Rotation.Should().Match<Rotation>(rotation => rotation.Id == "rot_2" && rotation.Step == step && rotation.ParkedAt == null && rotation.Attempts == 0);
            KeyRotation.Due(taken, Now).Should().Be(DueWork.Resume);
            Leaked(taken, "key_1", endOverlap).Should().BeSameAs(taken);
        }
    }

    [Fact]
    public void An_old_key_that_leaked_ends_though_its_retirement_was_parked()
    {
        var parked = Promoted(Started()) with { WorkDueAt = DateTimeOffset.MaxValue };
        parked = parked with { Rotation = parked.Rotation with { Step = RotationStep.Retire, Attempts = 9, ParkedAt = Now } };

        var taken = Leaked(parked, "key_1", endOverlap: true);

        KeyRotation.Due(taken, Now).Should().Be(DueWork.Retire);
        KeyRetirement.Due(taken, Now).Should().ContainSingle().Which.Id.Should().Be("key_1");
        Leaked(parked, "key_1", endOverlap: false).Should().BeSameAs(parked, "it keeps its overlap");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_key_that_leaked_before_it_was_current_is_replaced_as_soon_as_it_is(bool endOverlap)
    {
        var created = KeyRotation.Created(Started(), slot: null, "hash-2", Now);

        var promoted = KeyRotation.Promoted(Leaked(created, "key_2", endOverlap), "v2", Now);

        KeyRotation.Due(promoted, Now).Should().Be(DueWork.Start, "the overlap of the one before is not waited for");
        var first = KeyRotation.Promoted(Leaked(KeyRotation.Created(KeyRotationTests.New(Policy, Now), slot: null, "hash-1", Now), "key_1", endOverlap), "v1", Now);
        KeyRotation.Due(first, Now).Should().Be(DueWork.Start);
    }

    [Fact]
    public void A_lenient_customer_that_becomes_strict_has_the_overlap_ended_by_the_next_report()
    {
        var graced = Promoted(Leaked(KeyRotationTests.Rotated(Now - Policy.Interval), "key_1", endOverlap: false));
        Old(graced).RetireAt.Should().Be(Now + Policy.Overlap);

        Old(Leaked(graced, "key_1", endOverlap: true)).RetireAt.Should().Be(Now);
    }

    [Fact]
    public void Whoever_takes_the_work_up_ends_its_rest()
    {
        var paused = KeyRotation.Pause(KeyRotationTests.Rotated(Now - Policy.Interval), Now);

        KeyRotation.Start(paused, RotationTrigger.Manual, "ada", "rot_2", "key_2", Now).PausedAt.Should().BeNull();
        var rotated = Promoted(KeyRotation.Emergency(paused, "ada", "A laptop was stolen", "rot_2", "key_2", Now));
        rotated.PausedAt.Should().BeNull();
        RotationHealth.Of(KeyRetirement.Retired(rotated, KeyRetirement.Due(rotated, Now), Now), Now).State.Should().Be("healthy");
    }

    [Theory]
    [InlineData(30)]
    [InlineData(365)]
    public void Another_policy_plans_a_rotation_anew_that_rests(int days)
    {
        var paused = KeyRotation.Pause(KeyRotationTests.Rotated(Now - TimeSpan.FromDays(85)) with { NextRotationAt = Now }, Now);

        var changed = KeyRotation.Changed(paused, Policy with { Interval = TimeSpan.FromDays(days) });

        changed.WorkDueAt.Should().Be(changed.NextRotationAt!.Value);
        changed.PausedAt.Should().BeNull("it rests when it is due, and not before");
    }

    [Fact]
    public void An_account_with_nothing_due_is_due_when_something_is()
    {
        var (rotated, started) = (KeyRotationTests.Rotated(Now), Started());
        var parked = KeyRotation.Failed(started with { Rotation = started.Rotation with { Attempts = 8 } }, RotationStep.Create, "", 0, Now);

        foreach (var (account, due) in new[] { (rotated, rotated.NextRotationAt!.Value), (parked, DateTimeOffset.MaxValue) })
        {
            var found = account with { WorkDueAt = Now };
            KeyRotation.Due(found, Now).Should().Be(DueWork.Nothing);
            KeyRotation.NothingDue(found, Now).Should().Be(found with { WorkDueAt = due });
            KeyRotation.NothingDue(account, Now).Should().BeSameAs(account);
        }
        var claimed = started with { WorkDueAt = Now };
        KeyRotation.NothingDue(claimed, Now).Should().BeSameAs(claimed, "whoever is at it would lose its claim");
    }

    private static ServiceAccount Started() => KeyRotation.Start(KeyRotationTests.Rotated(Now - Policy.Interval), RotationTrigger.Scheduled, "schedule", "rot_2", "key_2", Now);

    private static ServiceAccount Promoted(ServiceAccount started) => KeyRotation.Promoted(KeyRotation.Created(started, slot: null, $"hash of {started.Rotation.KeyId}", Now), $"v of {started.Rotation.KeyId}", Now);

    private static ServiceAccount Leaked(ServiceAccount account, string keyId, bool endOverlap) =>
        KeyRotation.Leaked(account, account.Keys.Single(key => key.Id == keyId), endOverlap, "leak-desk", "rot_leak", "key_leak", Now);

    private static KeyVersion Old(ServiceAccount account) => account.Keys.Single(key => key.Id == "key_1");
}
