using CustomerFunctions.Access;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared.Azure;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Customers;

/// <summary>Replaces everything that callers set about a customer; what the body leaves out is cleared, but for the slug.</summary>
internal static class ReplaceCustomer
{
    public static async Task<Results<Ok<CustomerResponse>, Problem>> Handle(
        string customerId, CustomerInPath customer, CustomerFields fields, Caller caller, CustomerStore store, CustomerCache cache, TimeProvider clock, HttpContext context, CancellationToken cancellation)
    {
        if (fields.Check() is { } invalid) { return invalid; }
        if (Preconditions.Check(context.Request, customer.Stored.ETag) is { } refusal) { return refusal; }
        return await Apply(customer.Stored, fields, caller, store, cache, clock, context.Response, cancellation);
    }

    public static async Task<Results<Ok<CustomerResponse>, Problem>> Apply(
        Stored<Customer> customer, CustomerFields fields, Caller caller, CustomerStore store, CustomerCache cache, TimeProvider clock, HttpResponse response, CancellationToken cancellation)
    {
        var after = customer.Value.Change(fields, caller.Id, clock.GetUtcNow()).Recorded("customer.updated", customer.Value, caller, clock);
        var (changed, refusal) = await store.TryChange(customer, after, cancellation);
        if (changed is null) { return refusal!; }
        cache.Remember(changed);
        response.Headers.ETag = changed.ETag;
        return TypedResults.Ok(CustomerResponse.From(changed));
    }
}
