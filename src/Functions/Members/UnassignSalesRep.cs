using CustomerFunctions.Access;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Members;

/// <summary>Lets a sales representative no longer see a customer, from its next request on.</summary>
internal static class UnassignSalesRep
{
    public static async Task<Results<NoContent, Problem>> Handle(
        string customerId, string accountId, CustomerInPath customer, Caller caller, CustomerStore store, TimeProvider clock, CancellationToken cancellation) =>
        await AssignSalesRep.Change(customer.Stored, "salesRep.unassigned", accountId, reps => [.. reps.Where(rep => rep != accountId)], caller, store, clock, cancellation) is null
            ? Failures.NotFound("customer")
            : TypedResults.NoContent();
}
