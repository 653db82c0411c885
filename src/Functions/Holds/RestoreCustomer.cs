using System.ComponentModel.DataAnnotations;
using CustomerFunctions.Access;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Holds;

/// <param name="Hold">Which hold to lift: billing, security, admin or customerRequest.</param>
public sealed record RestoreCustomerRequest([property: Required] Hold? Hold = null)
{
    internal Problem? Check() => Hold is null ? Failures.Invalid("/hold", "required", "The field is required.") : null;

    internal Problem? Refusal(Customer customer, Caller caller) => HoldRules.MayLift(Hold!.Value, caller.Principal.RolesIn(customer)) ? null : Failures.HoldNotYours();
}

/// <summary>Lifts one hold. The customer is active again when it was the last; lifting a hold that is not there changes nothing.</summary>
internal static class RestoreCustomer
{
    public static async Task<Results<Ok<CustomerResponse>, Problem>> Handle(
        string customerId, CustomerInPath customer, RestoreCustomerRequest request, Caller caller, CustomerStore store, CustomerStanding standing, TimeProvider clock, HttpResponse response, CancellationToken cancellation)
    {
        if ((request.Check() ?? request.Refusal(customer.Value, caller)) is { } refusal) { return refusal; }

        return await ActivateCustomer.Change(
            customerId, "customer.restored", current => current.Restore(request.Hold!.Value, caller.Id, clock.GetUtcNow()), caller, store, standing, clock, response, cancellation);
    }
}
