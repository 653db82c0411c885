using System.ComponentModel.DataAnnotations;
using CustomerFunctions.Access;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using CustomerFunctions.WhatIf;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Holds;

/// <param name="Hold">Why: billing, security, admin or customerRequest.</param>
/// <param name="Reason">The same for people: 1 to 500 characters. Whoever reads the customer reads it.</param>
public sealed record SuspendCustomerRequest([property: Required] Hold? Hold = null, [property: Required] string? Reason = null)
{
    internal Problem? Check()
    {
        var checks = new Checks();
        if (Hold is null) { checks.Add("/hold", "required", "The field is required."); }
        checks.Text("/reason", Reason, 500, required: true);
        return checks.Refusal;
    }

    internal Problem? Refusal(Customer customer, Caller caller) => HoldRules.MayPlace(Hold!.Value, caller.Principal.RolesIn(customer)) ? null : Failures.HoldNotYours();
}

/// <summary>
/// Places a hold. From the next request on, on every instance, the customer's people, keys and service accounts are refused, and its keys are no longer rotated. Placing a hold that is
/// there already changes nothing.
/// </summary>
internal static class SuspendCustomer
{
    public static async Task<Results<Ok<CustomerResponse>, Ok<WhatIfResponse>, Problem>> Handle(
        string customerId, string? whatIf, CustomerInPath customer, SuspendCustomerRequest request, Caller caller, Holdings holdings, CustomerStore store, CustomerStanding standing, TimeProvider clock, HttpContext context, CancellationToken cancellation)
    {
        if (!WhatIfQuery.TryRead(context.Request, whatIf, out var asked, out var unclear)) { return unclear; }
        if ((request.Check() ?? request.Refusal(customer.Value, caller)) is { } refusal) { return refusal; }

        Customer Suspend(Customer current) => current.Suspend(request.Hold!.Value, caller.Id, clock.GetUtcNow(), request.Reason!.Trim());
        if (asked) { return TypedResults.Ok(WhatIfResponse.Of(Effects.OfSuspending(customer.Value, Suspend(customer.Value), await holdings.All(customerId, cancellation), clock.GetUtcNow()))); }
        var changed = await ActivateCustomer.Change(customerId, "customer.suspended", Suspend, caller, store, standing, clock, context.Response, cancellation);
        return changed.Result is Ok<CustomerResponse> suspended ? suspended : (Problem)changed.Result;
    }
}
