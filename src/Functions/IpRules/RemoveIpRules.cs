using CustomerFunctions.Access;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.IpRules;

/// <summary>Lets a customer's keys and people call from everywhere again. A plan that has no rules of this kind keeps those that there are in force, so somebody has to be able to remove them.</summary>
internal static class RemoveIpRules
{
    public static async Task<Results<NoContent, Problem>> Handle(
        string customerId, CustomerInPath customer, Caller caller, CustomerStore store, TimeProvider clock, HttpRequest request, CancellationToken cancellation)
    {
        if (Preconditions.Check(request, customer.Stored.ETag) is { } precondition) { return precondition; }
        return customer.Value.AllowedNetworks is null || await ReplaceIpRules.Write(customer, networks: null, caller, store, clock, cancellation) is not null ? TypedResults.NoContent() : Failures.Stale();
    }
}
