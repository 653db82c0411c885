using CustomerFunctions.Edge;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.ServiceAccounts;

/// <summary>
/// Timer: rotates and retires every key that is due. Running it twice, late, or on two instances at once is harmless: an account belongs to whoever saves its claim first.
/// </summary>
internal static class RotateServiceAccountKeys
{
    public static Task<TimerResult> Handle(ServiceAccountStore store, RotationTurns turns, TimeProvider clock, TimerPass pass, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        return pass.Run(
            nameof(RotateServiceAccountKeys),
            (count, token) => store.DueAcrossCustomers(now, count, token),
            async (Stored<ServiceAccount> account, CancellationToken token) => await turns.Advance(account, token) switch
            {
                RotationOutcome.Rotated => "rotated",
                RotationOutcome.Retired => "retired",
                RotationOutcome.Confirmed => "confirmed",
                RotationOutcome.Paused => "paused",
                RotationOutcome.Waiting => "waiting",
                RotationOutcome.Skipped => TimerPass.Skipped,
                _ => TimerPass.Failed,
            },
            cancellation);
    }
}
