using CustomerFunctions.ServiceAccounts;

namespace CustomerFunctions.Tests.ServiceAccounts;

/// <summary>Every transition of the state machine, with its boundary instants.</summary>
public sealed class KeyRotationTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);
    private static readonly RotationPolicy Policy = new(TimeSpan.FromDays(90), TimeSpan.FromDays(1));

    /// <summary>When the schedule comes after a rotation at <see cref="Now"/>.</summary>
    private static readonly DateTimeOffset Next = RotationSchedule.Next("sva_1", Policy, Now);

    [Theory]
    [InlineData(RotationStep.Create, nameof(DueWork.Resume))]
    [InlineData(RotationStep.Test, nameof(DueWork.Resume))]
    [InlineData(RotationStep.Store, nameof(DueWork.Resume))]
    [InlineData(RotationStep.Promote, nameof(DueWork.Resume))]
    [InlineData(RotationStep.Settle, nameof(DueWork.Retire))]
    [InlineData(RotationStep.Retire, nameof(DueWork.Retire))]
    [InlineData(RotationStep.Done, nameof(DueWork.Start))]
    public void What_is_due_follows_from_the_step_and_not_a_tick_early(RotationStep step, string work)
    {
        var account = Rotated(Now) with { WorkDueAt = Now, NextRotationAt = Now };
        account = account with { Rotation = account.Rotation with { Step = step } };

        KeyRotation.Due(account, Now - Tick).Should().Be(DueWork.Nothing);
        KeyRotation.Due(account, Now).ToString().Should().Be(work);
        KeyRotation.Due(account, Now + TimeSpan.FromDays(3650)).ToString().Should().Be(work);
    }

    [Fact]
    public void A_claimed_account_is_nobody_elses_until_the_lease_is_over()
    {
        var claimed = KeyRotation.Claim(Rotated(Now - Policy.Interval), Now);

        claimed.LeasedUntil.Should().Be(Now + KeyRotation.Lease);
        claimed.WorkDueAt.Should().Be(Now + KeyRotation.Lease, "a dead instance's work has to come due by itself");
        KeyRotation.Due(claimed, Now + KeyRotation.Lease - Tick).Should().Be(DueWork.Nothing);
        KeyRotation.Due(claimed, Now + KeyRotation.Lease).Should().NotBe(DueWork.Nothing);
    }

    [Fact]
    public void A_rotation_starts_with_a_claim_and_a_pending_key_beside_the_current_one()
    {
        var account = Rotated(Now - Policy.Interval);

        var started = KeyRotation.Start(account, RotationTrigger.Manual, "ada", "rot_2", "key_2", Now);

        started.Rotation.Should().Be(new Rotation { Id = "rot_2", Trigger = RotationTrigger.Manual, RequestedBy = "ada", Step = RotationStep.Create, KeyId = "key_2", StartedAt = Now });
        started.Pending.Should().Be(new KeyVersion { Id = "key_2", State = KeyState.Pending, RotationId = "rot_2", Trigger = RotationTrigger.Manual, CreatedAt = Now, CreatedBy = "ada" });
        started.Current.Should().Be(account.Current);
        started.LeasedUntil.Should().Be(Now + KeyRotation.Lease);
    }

    [Fact]
    public void A_created_key_is_accepted_before_it_is_published()
    {
        var created = KeyRotation.Created(Started(), slot: null, "hash-2", Now);

        created.Rotation.Step.Should().Be(RotationStep.Test);
        created.Pending!.Hash.Should().Be("hash-2");
        created.AsKeyHolder().Keys.Should().OnlyContain(key => key.Refusal == null).And.Contain(key => key.Hash == "hash-2");
        created.LeasedUntil.Should().Be(Now + KeyRotation.Lease, "each save renews the claim");
    }

    [Fact]
    public void Promotion_makes_the_new_key_current_and_begins_the_old_ones_overlap()
    {
        var before = KeyRotation.Created(Started(), slot: null, "hash-2", Now);

        var promoted = KeyRotation.Promoted(before, "v2", Now);

        promoted.Current.Should().Be(before.Pending! with { State = KeyState.Current, VaultVersion = "v2", ActivatedAt = Now });
        promoted.Keys.Single(key => key.Id == "key_1").Should().Be(before.Current! with { State = KeyState.Retiring, RetireAt = Now + Policy.Overlap });
        promoted.Rotation.Step.Should().Be(RotationStep.Settle);
        promoted.Rotation.PromotedAt.Should().Be(Now);
        promoted.NextRotationAt.Should().Be(Next);
        promoted.WorkDueAt.Should().Be(Now + Policy.Overlap);
        promoted.LeasedUntil.Should().BeNull();
        promoted.AsKeyHolder().Keys.Should().HaveCount(2).And.OnlyContain(key => key.Refusal == null);
    }

    [Fact]
    public void The_first_promotion_has_nothing_to_retire_and_is_done()
    {
        var account = Rotated(Now);

        account.Rotation.Step.Should().Be(RotationStep.Done);
        account.Rotation.FinishedAt.Should().Be(Now);
        account.WorkDueAt.Should().Be(Next);
        account.Keys.Should().ContainSingle().Which.State.Should().Be(KeyState.Current);
    }

    [Fact]
    public void An_old_key_is_to_be_retired_when_its_overlap_is_over_and_not_a_tick_early()
    {
        var promoted = KeyRotation.Promoted(Started(), "v2", Now);

        KeyRetirement.Due(promoted, Now + Policy.Overlap - Tick).Should().BeEmpty();
        KeyRetirement.Due(promoted, Now + Policy.Overlap).Should().ContainSingle().Which.Id.Should().Be("key_1");
    }

    [Fact]
    public void A_retired_key_is_refused_and_the_rotation_is_done()
    {
        var promoted = KeyRotation.Promoted(KeyRotation.Created(Started(), slot: null, "hash-2", Now), "v2", Now);
        var later = Now + Policy.Overlap;

        var retired = KeyRetirement.Retired(KeyRotation.Claim(promoted, later), KeyRetirement.Due(promoted, later), later);

        retired.Keys.Single(key => key.Id == "key_1").Should().Match<KeyVersion>(key => key.State == KeyState.Retired && key.RetiredAt == later);
        retired.AsKeyHolder().Keys.Single(key => key.Hash == "hash-1").RefusalAt(later)!.Kind.Code.Should().Be("key-rotated");
        retired.AsKeyHolder().Keys.Single(key => key.Hash == "hash-2").RefusalAt(later).Should().BeNull();
        retired.Rotation.Should().Match<Rotation>(rotation => rotation.Step == RotationStep.Done && rotation.FinishedAt == later);
        retired.WorkDueAt.Should().Be(Next);
        retired.LeasedUntil.Should().BeNull();
    }

    [Fact]
    public void Ten_retired_keys_are_remembered_and_the_oldest_are_forgotten()
    {
        var account = Rotated(Now);
        var now = Now;
        for (var i = 2; i <= 13; i++)
        {
            now += Policy.Interval;
            account = KeyRotation.Promoted(KeyRotation.Created(KeyRotation.Start(account, RotationTrigger.Scheduled, "schedule", $"rot_{i}", $"key_{i}", now), slot: null, $"hash-{i}", now), $"v{i}", now);
            now += Policy.Overlap;
            account = KeyRetirement.Retired(account, KeyRetirement.Due(account, now), now);
        }

        account.Keys.Where(key => key.State == KeyState.Retired).Select(key => key.Id).Should().BeEquivalentTo(Enumerable.Range(3, 10).Select(i => $"key_{i}"));
        account.Current!.Id.Should().Be("key_13");
    }

    [Fact]
    public void A_lost_key_stays_accepted_for_an_overlap_because_somebody_may_publish_it_yet()
    {
        var lost = KeyRotation.Created(Started(), slot: null, "hash-2", Now);
        var later = Now + TimeSpan.FromMinutes(5);

        var again = KeyRotation.Reissue(lost, "key_3", later);

        again.Keys.Single(key => key.Id == "key_2").Should().Match<KeyVersion>(key => key.State == KeyState.Retiring && key.RetireAt == later + Policy.Overlap);
        again.Pending!.Id.Should().Be("key_3");
        again.Rotation.Should().Match<Rotation>(rotation => rotation.Id == "rot_2" && rotation.KeyId == "key_3" && rotation.Step == RotationStep.Create);
        again.Current!.Id.Should().Be("key_1");
    }

    [Fact]
    public void A_lost_key_that_may_have_been_the_newest_until_the_promotion_gets_its_overlap_from_then()
    {
        var again = KeyRotation.Reissue(KeyRotation.Created(Started(), slot: null, "hash-2", Now), "key_3", Now);
        var promotedAt = Now + (2 * Policy.Overlap);

        var promoted = KeyRotation.Promoted(again, "v3", promotedAt);

        promoted.Keys.Single(key => key.Id == "key_2").RetireAt.Should().Be(promotedAt + Policy.Overlap);
    }

    [Fact]
    public void A_key_that_got_in_front_of_the_current_one_begins_its_overlap_again()
    {
        var promoted = KeyRotation.Promoted(KeyRotation.Reissue(KeyRotation.Created(Started(), slot: null, "hash-2", Now), "key_3", Now), "v3", Now);
        var later = Now + Policy.Overlap;

        var putBack = KeyRetirement.PutBack(KeyRetirement.PuttingBack(promoted, "key_2", later), "v5", later);

        putBack.Current.Should().Match<KeyVersion>(key => key.Id == "key_3" && key.VaultVersion == "v5");
        KeyRetirement.Due(putBack, later).Should().ContainSingle().Which.Id.Should().Be("key_1");
        putBack.Keys.Single(key => key.Id == "key_2").RetireAt.Should().Be(later + Policy.Overlap);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 60)]
    [InlineData(4, 1)]
    [InlineData(5, 2)]
    [InlineData(6, 360)]
    [InlineData(7, 1)]
    [InlineData(8, 2)]
    public void A_failure_lets_go_and_is_tried_again_three_times_in_each_of_three_cycles(int attempt, double minutes)
    {
        var account = Started();
        account = account with { Rotation = account.Rotation with { Attempts = attempt - 1 } };

        var failed = KeyRotation.Failed(account, RotationStep.Store, "Key Vault answered 503.", jitter: 0, Now);

        failed.LeasedUntil.Should().BeNull();
        failed.WorkDueAt.Should().Be(Now + TimeSpan.FromMinutes(minutes));
        failed.Rotation.Should().Match<Rotation>(rotation => rotation.Attempts == attempt && rotation.Step == RotationStep.Store);
        failed.Rotation.LastFailure.Should().Be(new RotationFailure(RotationStep.Store, "Key Vault answered 503.", Now));
        KeyRotation.Failed(account, RotationStep.Store, "", jitter: 1, Now).WorkDueAt.Should().Be(Now + (1.2 * TimeSpan.FromMinutes(minutes)), "many must not come back together");
    }

    [Theory]
    [InlineData(9)]
    [InlineData(5000)]
    public void The_ninth_failure_parks_it_until_somebody_takes_it_up_again(int attempt)
    {
        var account = Started();
        account = account with { Rotation = account.Rotation with { Attempts = attempt - 1 } };

        var parked = KeyRotation.Failed(account, RotationStep.Create, "Azure Resource Manager answered 404.", jitter: 0, Now);

        parked.Rotation.ParkedAt.Should().Be(Now);
        parked.LeasedUntil.Should().BeNull();
        KeyRotation.Due(parked, Now + TimeSpan.FromDays(3650)).Should().Be(DueWork.Nothing);
        var unparked = KeyRotation.Unpark(parked, Now + TimeSpan.FromDays(1));
        unparked.Rotation.Should().Match<Rotation>(rotation => rotation.ParkedAt == null && rotation.Attempts == 0 && rotation.Step == RotationStep.Create && rotation.Id == account.Rotation.Id);
        KeyRotation.Due(unparked, Now + TimeSpan.FromDays(1) + KeyRotation.Lease).Should().Be(DueWork.Resume);
    }

    [Fact]
    public void Being_throttled_is_no_failed_attempt()
    {
        var waits = KeyRotation.Throttled(Started(), RotationStep.Create, "Azure Resource Manager answered 429.", Now + TimeSpan.FromSeconds(30), Now);

        waits.Rotation.Attempts.Should().Be(0);
        waits.LeasedUntil.Should().BeNull();
        waits.WorkDueAt.Should().BeOnOrAfter(Now + TimeSpan.FromSeconds(30)).And.BeBefore(Now + TimeSpan.FromSeconds(90));
    }

    [Fact]
    public void The_margin_is_what_the_worst_retries_leave_of_the_time_to_the_keys_expiry_and_alarms_once()
    {
        var started = Started();
        var deadline = Now + Policy.Overlap;
        RotationRetries.Deadline(started).Should().Be(deadline, "its key became current an interval ago");
        RotationRetries.WorstCase(9).Should().Be(TimeSpan.Zero);
        RotationRetries.WorstCase(8).Should().Be(RotationRetries.LongestAttempt);
        RotationRetries.WorstCase(0).Should().Be((9 * RotationRetries.LongestAttempt) + (1.2 * TimeSpan.FromMinutes(1 + 2 + 60 + 1 + 2 + 360 + 1 + 2)) + (8 * TimeSpan.FromMinutes(5)), "each wait may end right after the timer has looked");

        var early = KeyRotation.Failed(started, RotationStep.Create, "", jitter: 0, Now);
        RotationRetries.Margin(early, Now).Should().Be(deadline - early.WorkDueAt - RotationRetries.WorstCase(1)).And.BePositive();
        RotationRetries.Alarmed(early, Now).Should().BeSameAs(early);

        var late = deadline - RotationRetries.WorstCase(1) - TimeSpan.FromSeconds(30);
        var failed = KeyRotation.Failed(started, RotationStep.Create, "", jitter: 0, late);
        var alarmed = RotationRetries.Alarmed(failed, late);
        alarmed.MarginAlarmedAt.Should().Be(late);
        RotationRetries.Alarmed(alarmed, late + TimeSpan.FromHours(1)).Should().BeSameAs(alarmed, "once is enough");
        KeyRotation.Promoted(alarmed, "v2", late).MarginAlarmedAt.Should().BeNull();
    }

    [Fact]
    public void What_waits_for_longer_than_its_key_lasts_alarms_though_nothing_has_failed()
    {
        var account = KeyRotation.Wait(Rotated(Now) with { NextRotationAt = Now + TimeSpan.FromDays(85) }, Now + TimeSpan.FromDays(86));
        var late = RotationRetries.Deadline(account)!.Value - RotationRetries.WorstCase(0) - TimeSpan.FromMinutes(1);
        account = KeyRotation.Wait(account, late);

        account.WaitingSince.Should().Be(Now + TimeSpan.FromDays(85), "that is when it came due");
        RotationHealth.Of(account, late - Tick).Should().Match<RotationHealth>(health => health.State == "due" && health.OverdueBy == late - Tick - account.WaitingSince);
        RotationRetries.Alarmed(account, late).Should().BeSameAs(account);
        var alarmed = RotationRetries.Alarmed(KeyRotation.Wait(account, late + TimeSpan.FromMinutes(2)), late);
        alarmed.MarginAlarmedAt.Should().Be(late);
        RotationRetries.Alarmed(alarmed with { MarginAlarmedAt = null, PausedAt = late }, late).MarginAlarmedAt.Should().BeNull("what rests is not to be hurried");
        var rotated = KeyRotation.Promoted(KeyRotation.Start(alarmed, RotationTrigger.Scheduled, "schedule", "rot_2", "key_2", late), "v2", late);
        (rotated.WaitingSince, rotated.MarginAlarmedAt).Should().Be((null, null));
        RotationHealth.Of(rotated, late).State.Should().Be("healthy");
    }

    [Fact]
    public void What_is_not_due_alarms_nobody_however_short_its_time_will_be()
    {
        var account = Rotated(Now) with { Policy = new RotationPolicy(TimeSpan.FromHours(1), TimeSpan.FromMinutes(1)), NextRotationAt = Now + TimeSpan.FromMinutes(55) };

        RotationRetries.Margin(account, Now).Should().BeNegative();
        RotationRetries.Alarmed(account, Now + TimeSpan.FromMinutes(55) - Tick).Should().BeSameAs(account);
        RotationRetries.Alarmed(account, Now + TimeSpan.FromMinutes(55)).MarginAlarmedAt.Should().NotBeNull();
    }

    [Fact]
    public void An_emergency_that_takes_a_rotation_over_says_so_of_its_key()
    {
        var taken = KeyRotation.Emergency(Started(), "ada", "A laptop was stolen", "rot_3", "key_3", Now);

        taken.Pending.Should().Match<KeyVersion>(key => key.Id == "key_2" && key.Trigger == RotationTrigger.Emergency && key.Reason == "A laptop was stolen" && key.CreatedBy == "ada");
        KeyRotation.Reissue(taken, "key_4", Now).Pending.Should().Match<KeyVersion>(key => key.Id == "key_4" && key.Trigger == RotationTrigger.Emergency && key.Reason == "A laptop was stolen");
    }

    [Fact]
    public void A_key_that_failed_its_test_is_not_tried_again()
    {
        var failed = KeyRotation.Failed(KeyRotation.Created(Started(), slot: null, "hash-2", Now), RotationStep.Test, "The new credential was refused when it was tried.", 0, Now);

        failed.Rotation.Step.Should().Be(RotationStep.Create);
        failed.Rotation.LastFailure!.Step.Should().Be(RotationStep.Test);
    }

    [Fact]
    public void A_resources_key_that_failed_its_test_is_tried_again_until_it_is_an_hour_old()
    {
        var created = KeyRotation.Created(Started(), "key2", hash: null, Now);

        KeyRotation.Failed(created, RotationStep.Test, "", 0, Now + TimeSpan.FromMinutes(59)).Rotation.Step.Should().Be(RotationStep.Test, "it is read again");
        KeyRotation.Failed(created, RotationStep.Test, "", 0, Now + TimeSpan.FromHours(1)).Rotation.Step.Should().Be(RotationStep.Create, "another is made");
    }

    [Fact]
    public void Progress_forgets_earlier_failures()
    {
        var failed = KeyRotation.Failed(Started(), RotationStep.Create, "Azure Resource Manager answered 429.", 0, Now);

        var promoted = KeyRotation.Promoted(KeyRotation.Created(KeyRotation.Claim(failed, Now), null, "hash-2", Now), "v2", Now);

        promoted.Rotation.Attempts.Should().Be(0);
        promoted.Rotation.LastFailure.Should().BeNull();
    }

    /// <summary>An account whose first rotation has finished at <paramref name="at"/>.</summary>
    internal static ServiceAccount Rotated(DateTimeOffset at) => KeyRotation.Promoted(KeyRotation.Created(New(Policy, at), slot: null, "hash-1", at), "v1", at);

    internal static ServiceAccount New(RotationPolicy policy, DateTimeOffset at)
    {
        var account = new ServiceAccount
        {
            Id = "sva_1",
            Type = ServiceAccount.DocumentType,
            CustomerId = "cus_1",
            Name = "deploy",
            Kind = "apiCredential",
            SecretName = "sva-ada-deploy",
            Policy = policy,
            Rotation = new Rotation { Id = "", Trigger = RotationTrigger.Initial, RequestedBy = "ada", Step = RotationStep.Create, KeyId = "", StartedAt = at },
            WorkDueAt = at,
            CreatedAt = at,
            CreatedBy = "ada",
        };
        return KeyRotation.Start(account, RotationTrigger.Initial, "ada", "rot_1", "key_1", at);
    }

    private static ServiceAccount Started() => KeyRotation.Start(Rotated(Now - Policy.Interval), RotationTrigger.Scheduled, "schedule", "rot_2", "key_2", Now);
}
