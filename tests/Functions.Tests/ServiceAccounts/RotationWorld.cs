using CustomerFunctions.ServiceAccounts;

namespace CustomerFunctions.Tests.ServiceAccounts;

/// <summary>
/// One account, a Key Vault and two instances that take the engine's steps one at a time, each under the document's ETag. An instance may stand still between any two of them, and also
/// between its last look at the lease and the call that publishes, for anything less than an overlap: more is what nobody can guarantee (docs/rotation.md).
/// </summary>
internal sealed class RotationWorld
{
    public static readonly RotationPolicy Policy = new(TimeSpan.FromDays(2), TimeSpan.FromHours(3));

    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private readonly Instance[] instances = [new(), new()];
    private readonly List<string> published = [];
    private readonly Dictionary<string, DateTimeOffset> lastHandedOut = [];
    private ServiceAccount account = KeyRotationTests.New(Policy, Start);
    private DateTimeOffset now = Start;
    private int version;
    private int ids = 1;

    private enum At
    {
        Rest,
        LookUp,
        Create,
        SaveCreated,
        CheckLease,
        Publish,
        Promote,
        Confirm,
        PutBack,
        SavePutBack,
        Retire,
    }

    public bool IsFinished => account is { Rotation.Step: RotationStep.Done, LeasedUntil: null, LookAt: null } && account.WorkDueAt > now;

    private string? Newest => published.Count == 0 ? null : published[^1];

    public void Pass(TimeSpan time) => now += time;

    /// <summary>What is parked is taken up again: somebody has been told.</summary>
    public void PassUntilDue()
    {
        if (account.Rotation.ParkedAt is not null) { (account, version) = (KeyRotation.Unpark(account, now), version + 1); }
        now = account.WorkDueAt > now ? account.WorkDueAt : now;
    }

    public void Die(int instance) => instances[instance] = new();

    public void RunToTheEnd(int instance)
    {
        do { Step(instance); }
        while (instances[instance].At != At.Rest);
    }

    public void RotateByHand(int instance)
    {
        if (instances[instance].At != At.Rest || account.Rotation.Step != RotationStep.Done || account.LeasedUntil > now) { return; }
        Read(instance);
        Save(instance, KeyRotation.Start(instances[instance].Account!, RotationTrigger.Manual, "ada", $"rot_{++ids}", $"key_{ids}", now), At.Create);
    }

    /// <summary>The call that is next fails, and the engine saves that if it still may.</summary>
    public void Fail(int instance)
    {
        var (at, known) = (instances[instance].At, instances[instance].Account);
        var step = at switch
        {
            At.Rest => RotationStep.Done,
            At.Create or At.SaveCreated => RotationStep.Create,
            At.CheckLease => RotationStep.Test,
            At.LookUp or At.Publish => RotationStep.Store,
            At.Promote => RotationStep.Promote,
            _ => known!.Rotation.Step == RotationStep.Done ? RotationStep.Done : RotationStep.Retire,
        };
        if (at == At.Rest) { return; }
        Save(instance, KeyRotation.Failed(known!, step, "It did not answer.", jitter: 0.5, now), At.Rest);
        Die(instance);
    }

    public void Step(int index)
    {
        var instance = instances[index];
        switch (instance.At)
        {
            case At.Rest:
                Begin(index);
                break;
            case At.LookUp when Newest == instance.Account!.Rotation.KeyId:
                instance.At = At.Promote;
                break;
            case At.LookUp:
                Save(index, KeyRotation.Reissue(instance.Account!, $"key_{++ids}", now), At.Create);
                break;
            case At.Create:
                instance.At = IsLeased(instance) ? At.SaveCreated : At.Rest;
                break;
            case At.SaveCreated:
                Save(index, KeyRotation.Created(instance.Account!, slot: null, $"hash {instance.Account!.Rotation.KeyId} {++ids}", now), At.CheckLease);
                break;
            case At.CheckLease:
                instance.At = IsLeased(instance) ? At.Publish : At.Rest;
                instance.CheckedAt = now;
                break;
            case At.Publish:
                instance.At = Publish(instance, instance.Account!.Rotation.KeyId) ? At.Promote : At.Rest;
                break;
            case At.Promote:
                Save(index, KeyRotation.Promoted(instance.Account!, $"v{published.Count}", now), At.Rest);
                break;
            case At.Confirm:
                (instance.CheckedAt, instance.At) = (now, Newest == instance.Account!.Current!.Id ? At.Retire : At.Rest);
                if (instance.At == At.Rest && IsLeased(instance)) { Save(index, KeyRetirement.PuttingBack(instance.Account, Newest, now), At.PutBack); }
                break;
            case At.PutBack:
                instance.At = Publish(instance, instance.Account!.Current!.Id) ? At.SavePutBack : At.Rest;
                break;
            case At.SavePutBack:
                Save(index, KeyRetirement.PutBack(instance.Account!, $"v{published.Count}", now), At.Retire);
                break;
            default:
                Save(index, KeyRetirement.Retired(instance.Account!, KeyRetirement.Due(instance.Account!, now), now), At.Rest);
                break;
        }
    }

    public void ShouldBeSound()
    {
        account.Keys.Count(key => key.State == KeyState.Current).Should().Be(account.NextRotationAt is null ? 0 : 1);
        var pending = account.Keys.Where(key => key.State == KeyState.Pending).ToList();
        pending.Count.Should().BeLessThanOrEqualTo(1);
        pending.Should().NotContain(key => key.Id != account.Rotation.KeyId);
        if (account.Rotation.ParkedAt is null) { account.WorkDueAt.Should().BeBefore(now + Policy.Interval + Policy.Overlap + TimeSpan.FromHours(8)); }
        if (account.WorkDueAt <= now) { KeyRotation.Due(account, now).Should().NotBe(DueWork.Nothing, "an account that is found to be due must have something to do"); }

        if (Newest is { } newest) { lastHandedOut[newest] = now; }
        foreach (var (key, at) in lastHandedOut)
        {
            if (now < at + Policy.Overlap) { IsAccepted(key).Should().BeTrue("{0} was handed out {1} ago", key, now - at); }
        }
    }

    public void ShouldBeFinished()
    {
        IsFinished.Should().BeTrue("the account stands at {0}, due {1}", account.Rotation, account.WorkDueAt);
        account.Keys.Where(key => key.State != KeyState.Retired).Should().ContainSingle().Which.Id.Should().Be(Newest);
        account.LeasedUntil.Should().BeNull();
    }

    private void Begin(int index)
    {
        Read(index);
        var known = account;
        switch (KeyRotation.Due(known, now))
        {
            case DueWork.Start:
                Save(index, KeyRotation.Start(known, RotationTrigger.Scheduled, "schedule", $"rot_{++ids}", $"key_{ids}", now), At.Create);
                break;
            case DueWork.Retire:
                Save(index, KeyRotation.Claim(known, now), At.Confirm);
                break;
            case DueWork.Resume:
                Save(index, KeyRotation.Claim(known, now), known.Rotation.Step == RotationStep.Create ? At.Create : At.LookUp);
                break;
        }
    }

    private void Read(int index) => (instances[index].Account, instances[index].Version) = (account, version);

    private void Save(int index, ServiceAccount next, At then)
    {
        var instance = instances[index];
        if (instance.Version != version) { Die(index); return; }
        account = next;
        (instance.Account, instance.Version, instance.At) = (next, ++version, then);
    }

    /// <summary>False when the instance was frozen for so long that its call no longer happens.</summary>
    private bool Publish(Instance instance, string keyId)
    {
        if (now - instance.CheckedAt >= Policy.Overlap) { return false; }
        if (Newest is { } before) { lastHandedOut[before] = now; }
        published.Add(keyId);
        return true;
    }

    private bool IsLeased(Instance instance) => instance.Account!.LeasedUntil - KeyRotation.LeaseMargin > now;

    private bool IsAccepted(string keyId) => account.Keys.FirstOrDefault(key => key.Id == keyId) is { Hash: not null, State: not KeyState.Retired };

    private sealed class Instance
    {
        public ServiceAccount? Account { get; set; }

        public int Version { get; set; }

        public At At { get; set; }

        public DateTimeOffset CheckedAt { get; set; }
    }
}
