using CustomerFunctions.Access;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.Trials;

/// <summary>
/// Timer: reminds customers of trials that will end, and ends those that are over. The customer's ETag makes each happen once, however often, late or in parallel this runs.
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
                var (after, action, outcome) = Due(customer.Value, now);
                if (ReferenceEquals(after, customer.Value)) { return TimerPass.Skipped; }
                var recorded = after.Recorded(action, customer.Value, Caller.Timer(nameof(ExpireTrials)), clock);
                return await store.TryReplace(customer, recorded, token) is not null ? outcome : TimerPass.Skipped;
            },
            cancellation);
    }

    private static (Customer After, string Action, string Outcome) Due(Customer customer, DateTimeOffset now) =>
        customer.Trial.EndsAt <= now ? (customer.ExpireTrial(now), "trial.ended", "expired") : (customer.RemindOfTrial(now), "trial.willEnd", "reminded");
}
