using CustomerFunctions.Access;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Roles;

/// <summary>Reads where in Azure a customer's service accounts get their roles.</summary>
internal static class GetAzureScope
{
    public static Ok<AzureScopeFields> Handle(string customerId, CustomerInPath customer, HttpResponse response)
    {
        response.Headers.ETag = customer.Stored.ETag;
        return TypedResults.Ok(new AzureScopeFields(customer.Value.AzureScope));
    }
}
