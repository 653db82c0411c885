using CustomerFunctions.Access;
using CustomerFunctions.Customers;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Subscriptions;

/// <summary>Reads a customer's subscription.</summary>
internal static class GetSubscription
{
    public static Ok<SubscriptionResponse> Handle(string customerId, CustomerInPath customer, HttpResponse response)
    {
        response.Headers.ETag = customer.Stored.ETag;
        return TypedResults.Ok(SubscriptionResponse.From(customer.Value.Subscription));
    }
}
