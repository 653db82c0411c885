using CustomerFunctions.Access;
using CustomerFunctions.Edge;

namespace CustomerFunctions.Closing;

/// <summary>What follows a customer's deletion: it is brought back, or purged.</summary>
internal static class ClosingApi
{
    public static void MapClosing(this IEndpointRouteBuilder app)
    {
        app.MapPost("/api/customers/{customerId}/reopen", ReopenCustomer.Handle).WithTags("Customers").WithName("ReopenCustomer").Requires(Permission.CustomersReopen).EvenWhenClosed()
            .ProducesProblem(404).ProducesProblem(409);
        app.MapPost("/" + nameof(PurgeCustomers), PurgeCustomers.Handle).IsTimer(nameof(PurgeCustomers), "CustomerPurgeSchedule");
    }
}
