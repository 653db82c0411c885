using CustomerFunctions.Access;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared.Azure;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Customers;

/// <summary>Replaces everything that callers set about a customer; what the body leaves out is cleared, but for the slug.</summary>
internal static class ReplaceCustomer
{
    public static async Task<Results<Ok<CustomerResponse>, Problem>> Handle(
        string customerId, CustomerFields fields, Principal caller, CustomerStore store, CustomerCache cache, TimeProvider clock, HttpContext context, CancellationToken cancellation)
    {
        if (fields.Check() is { } invalid) { return invalid; }
        var (customer, refusal) = await ReadForChange(customerId, store, context.Request, cancellation);
        return customer is null ? refusal! : await Apply(customer, fields, caller, store, cache, clock, context.Response, cancellation);
    }

    /// <summary>The customer that the request may change: it exists, is not closed, and is the version named in If-Match.</summary>
    public static async Task<(Stored<Customer>? Customer, Problem? Refusal)> ReadForChange(
        string customerId, CustomerStore store, HttpRequest request, CancellationToken cancellation)
    {
        if (await store.Read(customerId, cancellation) is not { Value.DeletedAt: null } customer) { return (null, Failures.NotFound("customer")); }
        return Preconditions.Check(request, customer.ETag) is { } refusal ? (null, refusal) : (customer, null);
    }

    public static async Task<Results<Ok<CustomerResponse>, Problem>> Apply(
        Stored<Customer> customer, CustomerFields fields, Principal caller, CustomerStore store, CustomerCache cache, TimeProvider clock, HttpResponse response, CancellationToken cancellation)
    {
        var (changed, refusal) = await store.TryChange(customer, customer.Value.Change(fields, caller.Id, clock.GetUtcNow()), cancellation);
        if (changed is null) { return refusal!; }
        cache.Remember(changed);
        response.Headers.ETag = changed.ETag;
        return TypedResults.Ok(CustomerResponse.From(changed));
    }
}
