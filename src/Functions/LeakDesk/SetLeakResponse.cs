using CustomerFunctions.Access;
using CustomerFunctions.Audit;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.LeakDesk;

/// <summary>Says what is done with a customer's leaked keys from now on.</summary>
internal static class SetLeakResponse
{
    public static async Task<Results<Ok<LeakPolicy>, Problem>> Handle(
        string customerId, CustomerInPath customer, LeakPolicy request, Caller caller, CustomerStore store, TimeProvider clock, HttpContext context, CancellationToken cancellation)
    {
        var response = request.Response!.Value;
        if (Preconditions.Check(context.Request, customer.Stored.ETag) is { } precondition) { return precondition; }
        var after = customer.Value with { LeakResponse = response, UpdatedAt = clock.GetUtcNow(), UpdatedBy = caller.Id };
        var change = AuditChange.Between(new LeakPolicy(customer.Value.LeakResponse), new LeakPolicy(response), ApiJson.Default.LeakPolicy);
        after = after.Record(caller.Event("customer.leakResponseSet", customer.Id, after.AsTarget(), clock, change));
        if (await store.TryReplace(customer.Stored, after, cancellation) is not { } changed) { return Failures.Stale(); }
        context.Response.Headers.ETag = changed.ETag;
        return TypedResults.Ok(new LeakPolicy(changed.Value.LeakResponse));
    }
}
