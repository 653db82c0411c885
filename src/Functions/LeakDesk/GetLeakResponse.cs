using System.ComponentModel.DataAnnotations;
using CustomerFunctions.Access;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.LeakDesk;

/// <param name="Response">What is done with this customer's keys that are found in public.</param>
public sealed record LeakPolicy([property: Required(ErrorMessage = "Expected revoke or grace.")] LeakResponse? Response = null);

/// <summary>Reads what is done with a customer's leaked keys.</summary>
internal static class GetLeakResponse
{
    public static Ok<LeakPolicy> Handle(string customerId, CustomerInPath customer, HttpResponse response)
    {
        response.Headers.ETag = customer.Stored.ETag;
        return TypedResults.Ok(new LeakPolicy(customer.Value.LeakResponse));
    }
}
