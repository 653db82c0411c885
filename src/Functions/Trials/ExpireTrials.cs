using CustomerFunctions.Access;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.Trials;

/// <summary>
/// Timer: ends the trials that are over. The customer's ETag makes each end once, however often, late or in parallel this runs.
/// </summary>
internal static class ExpireTrials
{
    public static Task<TimerResult> Handle(CustomerStore store, TimeProvider clock, TimerPass pass, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        return pass.Run(
            nameof(ExpireTrials),
            (count, token) => store.TrialsDueAcrossCustomers(now, count, token),
            async (Stored<Customer> customer, CancellationToken token) =>
            {
                var expired = customer.Value.ExpireTrial(now);
                if (ReferenceEquals(expired, customer.Value)) { return TimerPass.Skipped; }
                var recorded = expired.Recorded("trial.ended", customer.Value, Caller.Timer(nameof(ExpireTrials)), clock);
                return await store.TryReplace(customer, recorded, token) is not null ? "expired" : TimerPass.Skipped;
            },
            cancellation);
    }
}
