using CustomerFunctions.Access;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Subscriptions;

/// <summary>Ends a subscription with the period that is under way; what is paid for stays until then.</summary>
internal static class CancelSubscription
{
    public static Task<Results<Ok<SubscriptionResponse>, Problem>> Handle(string customerId, Caller caller, SubscriptionChange subscriptions, HttpResponse response, CancellationToken cancellation) => subscriptions.Make(
        customerId, (_, _) => "subscription.cancelScheduled", customer => customer.MayCancel() ? null : Failures.NoSubscription(), (customer, now) => customer.CancelAtPeriodEnd(caller.Id, now), caller, response, cancellation);
}
