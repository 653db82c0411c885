using CustomerFunctions.Access;
using CustomerFunctions.Edge;
using CustomerFunctions.Holds;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Customers;

/// <summary>Places staff's hold: the customer is suspended and its keys are refused.</summary>
internal static class DeactivateCustomer
{
    public static Task<Results<Ok<CustomerResponse>, Problem>> Handle(
        string customerId, Caller caller, CustomerStore store, CustomerStanding standing, TimeProvider clock, HttpResponse response, CancellationToken cancellation) =>
        ActivateCustomer.Change(customerId, "customer.suspended", customer => customer.Suspend(Hold.Admin, caller.Id, clock.GetUtcNow()), caller, store, standing, clock, response, cancellation);
}
