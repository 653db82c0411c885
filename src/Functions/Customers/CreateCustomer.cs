using CustomerFunctions.Access;
using CustomerFunctions.Edge;
using CustomerFunctions.Names;
using CustomerFunctions.Shared.Azure;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Customers;

/// <summary>Makes a customer and starts its trial.</summary>
internal static class CreateCustomer
{
    public static async Task<Results<Created<CustomerResponse>, Problem>> Handle(
        CustomerFields fields, Caller caller, CustomerStore store, NewIds ids, TimeProvider clock, HttpResponse response, CancellationToken cancellation)
    {
        if (fields.Check() is { } invalid) { return invalid; }

        var (added, refusal) = await Add(ids.Customer(), fields, creationKey: null, caller, store, clock, cancellation);
        if (added is null) { return refusal!; }

        response.Headers.ETag = added.ETag;
        return TypedResults.Created($"/api/customers/{added.Value.Id}", CustomerResponse.From(added));
    }

    public static Task<(Stored<Customer>? Added, Problem? Refusal)> Add(
        string id, CustomerFields fields, string? creationKey, Caller caller, CustomerStore store, TimeProvider clock, CancellationToken cancellation)
    {
        var slug = fields.Slug ?? Slugs.From(fields.Name!, maxLength: 50, fallback: "customer");
        var customer = Customer.Start(id, slug, fields, caller.Id, clock.GetUtcNow()) with { CreationKey = creationKey };
        return store.TryAdd(customer, slugIsChosen: fields.Slug is not null, made => made.Recorded("customer.created", null, caller, clock), cancellation);
    }
}
