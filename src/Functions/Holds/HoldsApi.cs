using CustomerFunctions.Access;
using CustomerFunctions.Edge;

namespace CustomerFunctions.Holds;

/// <summary>Suspending and restoring a customer. An owner may ask for both, also while the customer is suspended.</summary>
internal static class HoldsApi
{
    public static void MapHolds(this IEndpointRouteBuilder app)
    {
        var customer = app.MapGroup("/api/customers/{customerId}").WithTags("Holds");
        customer.MapPost("suspend", SuspendCustomer.Handle).WithName("SuspendCustomer").Requires(Permission.CustomersSuspend).EvenWhenSuspended().ProducesProblem(400).ProducesProblem(404);
        customer.MapPost("restore", RestoreCustomer.Handle).WithName("RestoreCustomer").Requires(Permission.CustomersSuspend).EvenWhenSuspended().ProducesProblem(400).ProducesProblem(404);
        app.MapPost("/" + nameof(FollowCustomerStanding), FollowCustomerStanding.Handle).IsTimer(nameof(FollowCustomerStanding), "StandingSchedule");
    }
}
