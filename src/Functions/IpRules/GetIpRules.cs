using System.ComponentModel.DataAnnotations;
using CustomerFunctions.Access;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.IpRules;

/// <param name="Networks">The networks, in CIDR form, that the customer's keys and people may call from; empty for everywhere.</param>
public sealed record NetworkRules([property: Required(ErrorMessage = "The field is required; an empty list allows every address.")] IReadOnlyList<string>? Networks = null);

/// <summary>Reads from where a customer's keys and people may call.</summary>
internal static class GetIpRules
{
    public static Ok<NetworkRules> Handle(string customerId, CustomerInPath customer, HttpResponse response)
    {
        response.Headers.ETag = customer.Stored.ETag;
        return TypedResults.Ok(new NetworkRules(customer.Value.AllowedNetworks ?? []));
    }
}
