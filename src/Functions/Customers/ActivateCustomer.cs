using CustomerFunctions.Access;
using CustomerFunctions.Edge;
using CustomerFunctions.Holds;
using CustomerFunctions.Shared.Azure;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Customers;

/// <summary>Lifts staff's own hold. The customer is active again unless another hold is left.</summary>
internal static class ActivateCustomer
{
    public static Task<Results<Ok<CustomerResponse>, Problem>> Handle(
        string customerId, Caller caller, CustomerStore store, CustomerStanding standing, TimeProvider clock, HttpResponse response, CancellationToken cancellation) =>
        Change(customerId, "customer.restored", customer => customer.Restore(Hold.Admin, caller.Id, clock.GetUtcNow()), caller, store, standing, clock, response, cancellation);

    /// <summary>Changes a customer's holds. A change by somebody else in between is no reason to refuse: the rule is applied again to what is there now.</summary>
    public static async Task<Results<Ok<CustomerResponse>, Problem>> Change(
        string customerId, string action, Func<Customer, Customer> change, Caller caller, CustomerStore store, CustomerStanding standing, TimeProvider clock, HttpResponse response, CancellationToken cancellation)
    {
        Stored<Customer>? changed = null;
        while (changed is null)
        {
            if (await store.Read(customerId, cancellation) is not { Value.DeletedAt: null } customer) { return Failures.NotFound("customer"); }
            var after = change(customer.Value);
            changed = ReferenceEquals(after, customer.Value) ? customer : await store.TryReplace(customer, after.Recorded(action, customer.Value, caller, clock), cancellation);
        }
        await standing.FollowSoon(changed, cancellation);
        response.Headers.ETag = changed.ETag;
        return TypedResults.Ok(CustomerResponse.From(changed));
    }
}
