using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using CustomerFunctions.ServiceAccounts;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.Closing;

/// <summary>
/// Timer: removes the customers whose restore window is over, for good. A run that dies leaves them due, and the next goes on; what is removed already is found to be gone.
/// </summary>
internal static class PurgeCustomers
{
    public static Task<TimerResult> Handle(CustomerStore store, CustomerPurge purge, TimeProvider clock, TimerPass pass, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        return pass.Run(
            nameof(PurgeCustomers),
            (count, token) => store.PurgesDueAcrossCustomers(now, count, token),
            async (Stored<Customer> customer, CancellationToken token) =>
            {
                try { return await purge.TryPurge(customer, token) ? "purged" : TimerPass.Skipped; }
                // It stays due; meanwhile the deletion of the account goes on by itself.
                catch (StillRenewingException) { return "waiting"; }
            },
            cancellation);
    }
}
