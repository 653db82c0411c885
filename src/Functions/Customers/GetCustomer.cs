using CustomerFunctions.Edge;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Customers;

/// <summary>Reads a customer. A closed one is gone to everybody; staff find it in the list with <c>status=closed</c>.</summary>
internal static class GetCustomer
{
    public static async Task<Results<Ok<CustomerResponse>, Problem>> Handle(string customerId, CustomerStore store, HttpResponse response, CancellationToken cancellation)
    {
        if (await store.Read(customerId, cancellation) is not { Value.DeletedAt: null } customer) { return Failures.NotFound("customer"); }

        response.Headers.ETag = customer.ETag;
        return TypedResults.Ok(CustomerResponse.From(customer));
    }
}
