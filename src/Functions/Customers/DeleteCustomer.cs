using CustomerFunctions.Access;
using CustomerFunctions.Edge;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Customers;

/// <summary>Closes a customer: it can no longer be read or changed and its keys stop working. Its document and its names stay reserved.</summary>
internal static class DeleteCustomer
{
    public static async Task<Results<NoContent, Problem>> Handle(
        string customerId, CustomerInPath customer, Caller caller, CustomerStore store, CustomerCache cache, TimeProvider clock, HttpRequest request, CancellationToken cancellation)
    {
        if (Preconditions.Check(request, customer.Stored.ETag) is { } refusal) { return refusal; }
        var after = customer.Value.Close(caller.Id, clock.GetUtcNow()).Recorded("customer.deleted", customer.Value, caller, clock);
        if (await store.TryReplace(customer.Stored, after, cancellation) is not { } closed) { return Failures.Stale(); }

        cache.Remember(closed);
        return TypedResults.NoContent();
    }
}
