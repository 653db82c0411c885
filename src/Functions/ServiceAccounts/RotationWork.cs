using CustomerFunctions.Access;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.ServiceAccounts;

/// <summary>
/// An instance's turn at one account: the account as last saved, the step at hand, and the time there is for it. That ends before the lease does, so nothing that a step starts outlasts its claim.
/// </summary>
internal sealed class RotationWork : IDisposable
{
    /// <summary>What the audit log calls it.</summary>
    public static readonly Caller Actor = Caller.Timer("rotation");

    private readonly ServiceAccountStore store;
    private readonly TimeProvider clock;
    private readonly CancellationTokenSource leased;
    private readonly CancellationTokenSource time;

    public RotationWork(ServiceAccountStore store, Stored<ServiceAccount> claimed, TimeProvider clock, CancellationToken cancellation)
    {
        this.store = store;
        this.clock = clock;
        leased = new CancellationTokenSource(Timeout.InfiniteTimeSpan, clock);
        time = CancellationTokenSource.CreateLinkedTokenSource(leased.Token, cancellation);
        Stored = claimed;
        Step = claimed.Value.Rotation.Step;
    }

    public Stored<ServiceAccount> Stored
    {
        get;
        private set
        {
            field = value;
            leased.CancelAfter(KeyRotation.Lease - KeyRotation.LeaseMargin);
        }
    }

    public ServiceAccount Account => Stored.Value;

    /// <summary>What is being done, for whoever has to say where it failed.</summary>
    public RotationStep Step { get; set; }

    public CancellationToken Time => time.Token;

    /// <summary>Makes a transition, unless the account has become another instance's.</summary>
    public async Task Save(ServiceAccount next) => Stored = await store.TryReplace(Stored, next, Time) ?? throw new LeaseLostException();

    /// <summary>Before each call that changes something outside: an instance that was held up past its lease must not act on it.</summary>
    public void EnsureLeased()
    {
        if (Account.LeasedUntil - KeyRotation.LeaseMargin <= clock.GetUtcNow()) { throw new LeaseLostException(); }
    }

    public void Dispose()
    {
        time.Dispose();
        leased.Dispose();
    }
}

/// <summary>The account is another instance's by now.</summary>
internal sealed class LeaseLostException : Exception;
