using CustomerFunctions.Edge;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.ServiceAccounts;

/// <summary>
/// Timer: brings to its end what a suspension, a restoration or a deletion still has to do outside, because something did not answer or an instance died. It finds such accounts and no
/// others.
/// </summary>
internal static class SettleServiceAccounts
{
    public static Task<TimerResult> Handle(ServiceAccountStore store, LifecycleEngine engine, TimeProvider clock, TimerPass pass, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        return pass.Run(
            nameof(SettleServiceAccounts),
            (count, token) => store.UnsettledAcrossCustomers(now, count, token),
            async (Stored<ServiceAccount> account, CancellationToken token) => await engine.Advance(account, token) switch
            {
                LifecycleOutcome.Settled => "settled",
                LifecycleOutcome.Deleted => "deleted",
                LifecycleOutcome.Skipped => TimerPass.Skipped,
                LifecycleOutcome.Waiting => "waiting",
                _ => TimerPass.Failed,
            },
            cancellation);
    }
}
