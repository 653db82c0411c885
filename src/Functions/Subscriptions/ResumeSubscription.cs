using CustomerFunctions.Access;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Subscriptions;

/// <summary>Takes back what was to happen with the next period: a cancellation, or a change of plan.</summary>
internal static class ResumeSubscription
{
    public static Task<Results<Ok<SubscriptionResponse>, Problem>> Handle(string customerId, Caller caller, SubscriptionChange subscriptions, HttpResponse response, CancellationToken cancellation) => subscriptions.Make(
        customerId, (_, _) => "subscription.resumed", customer => customer.MayCancel() ? null : Failures.NoSubscription(), (customer, now) => customer.Resume(caller.Id, now), caller, response, cancellation);
}
