using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.Holds;

/// <summary>Timer: has the service accounts of customers that were suspended, restored, closed, reopened or given another plan follow, where the request that did it has not. It finds those customers and no others.</summary>
internal static class FollowCustomerStanding
{
    public static Task<TimerResult> Handle(CustomerStore store, CustomerStanding standing, TimeProvider clock, TimerPass pass, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        return pass.Run(
            nameof(FollowCustomerStanding),
            (count, token) => store.StandingsDueAcrossCustomers(now, count, token),
            async (Stored<Customer> customer, CancellationToken token) =>
            {
                await standing.Follow(customer.Value, token);
                return "followed";
            },
            cancellation);
    }
}
