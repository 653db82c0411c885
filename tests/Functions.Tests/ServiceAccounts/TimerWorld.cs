using CustomerFunctions.ServiceAccounts;

namespace CustomerFunctions.Tests.ServiceAccounts;

/// <summary>One firing of the rotation timer, on either of two hosts.</summary>
/// <param name="After">The time since the firing before.</param>
/// <param name="ClockAhead">By how much the host's clock is ahead, or behind when it is less than nothing.</param>
/// <param name="IsDoubled">Whether the other host fires in the same moment, having read the same document.</param>
/// <param name="DiesAfter">After how many writes the host dies; null when it does not.</param>
internal sealed record Firing(TimeSpan After, TimeSpan ClockAhead, bool IsDoubled, int? DiesAfter);

/// <summary>
/// One account and two hosts that rotate it whenever their timers fire, by the very rules of the app. Beside it a ledger is kept: what was started for each due slot, and what came of it.
/// </summary>
internal sealed class TimerWorld(RotationPolicy policy, DateTimeOffset start)
{
    private readonly Dictionary<DateTimeOffset, int> startsBySlot = [];
    private readonly Dictionary<string, int> promotions = [];
    private ServiceAccount account = KeyRotation.Promoted(KeyRotation.Created(KeyRotationTests.New(policy, start), slot: null, "hash 1", start), "v1", start);
    private DateTimeOffset now = start;
    private string? newest = "key_1";
    private int version;
    private int ids = 1;

    public DateTimeOffset Now => now;

    public int Slots => startsBySlot.Count;

    public bool Rests => account.Rotation.Step == RotationStep.Done && account.WorkDueAt > now;

    public void Fire(Firing firing)
    {
        now += firing.After;
        var read = (account, version);
        Run(read, now + firing.ClockAhead, firing.DiesAfter);
        if (firing.IsDoubled) { Run(read, now, diesAfter: null); }
        else if (firing.DiesAfter is null) { NothingShouldBeLeftUndone(read.account, now + firing.ClockAhead); }
    }

    /// <summary>Every slot was started once, and every rotation ended in one key, which is the newest.</summary>
    public void EverySlotShouldHaveBeenHandledOnce()
    {
        startsBySlot.Where(slot => slot.Value != 1).Should().BeEmpty();
        promotions.Should().HaveCount(startsBySlot.Count);
        promotions.Where(rotation => rotation.Value != 1).Should().BeEmpty();
        account.Current!.Id.Should().Be(newest);
        account.NextRotationAt.Should().BeAfter(now);
    }

    private void Run((ServiceAccount Account, int Version) read, DateTimeOffset time, int? diesAfter)
    {
        var host = new Host(this, read, diesAfter);
        switch (KeyRotation.Due(read.Account, time))
        {
            case DueWork.Start when RotationSchedule.MayStart(read.Account.Id, policy.Window, [], time) is var opens && opens > time:
                host.Save(KeyRotation.Wait(read.Account, opens));
                break;
            case DueWork.Start:
                if (!host.Save(KeyRotation.Start(read.Account, RotationTrigger.Scheduled, "schedule", $"rot_{++ids}", $"key_{ids}", time))) { return; }
                startsBySlot[read.Account.NextRotationAt!.Value] = startsBySlot.GetValueOrDefault(read.Account.NextRotationAt.Value) + 1;
                Issue(host, time);
                break;
            case DueWork.Resume when host.Save(KeyRotation.Claim(read.Account, time)):
                if (newest == host.Account.Rotation.KeyId) { Promote(host, time); return; }
                if (host.Account.Rotation.Step == RotationStep.Create || host.Save(KeyRotation.Reissue(host.Account, $"key_{++ids}", time))) { Issue(host, time); }
                break;
            case DueWork.Retire when host.Save(KeyRotation.Claim(read.Account, time)):
                host.Save(KeyRetirement.Retired(host.Account, KeyRetirement.Due(host.Account, time), time));
                break;
        }
    }

    private void Issue(Host host, DateTimeOffset time)
    {
        if (!host.Save(KeyRotation.Created(host.Account, slot: null, $"hash {++ids}", time)) || !host.IsAlive) { return; }
        newest = host.Account.Rotation.KeyId;
        host.Tire();
        Promote(host, time);
    }

    private void Promote(Host host, DateTimeOffset time)
    {
        var rotation = host.Account.Rotation.Id;
        if (host.Save(KeyRotation.Promoted(host.Account, $"v{ids}", time))) { promotions[rotation] = promotions.GetValueOrDefault(rotation) + 1; }
    }

    /// <summary>A firing that nothing disturbed has done what was due, unless a dead host's lease still runs.</summary>
    private void NothingShouldBeLeftUndone(ServiceAccount before, DateTimeOffset time)
    {
        if (KeyRotation.Due(before, time) != DueWork.Nothing) { account.Should().NotBeSameAs(before, "at {0} there was {1} to do", time, KeyRotation.Due(before, time)); }
        account.WorkDueAt.Should().BeBefore(time + policy.Interval + policy.Overlap + TimeSpan.FromDays(9), "it comes due again by itself");
    }

    /// <summary>A host in the middle of a run: it writes under the ETag that it knows, until it dies.</summary>
    private sealed class Host(TimerWorld world, (ServiceAccount Account, int Version) read, int? diesAfter)
    {
        private int version = read.Version;
        private int? strength = diesAfter;

        public ServiceAccount Account { get; private set; } = read.Account;

        public bool IsAlive => strength is not 0;

        public void Tire() => strength--;

        public bool Save(ServiceAccount next)
        {
            if (!IsAlive || version != world.version) { return false; }
            strength--;
            (Account, world.account, version) = (next, next, ++world.version);
            return true;
        }
    }
}
