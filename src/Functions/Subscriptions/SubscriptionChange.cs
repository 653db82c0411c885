using CustomerFunctions.Access;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using CustomerFunctions.Holds;
using CustomerFunctions.Shared.Azure;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Subscriptions;

/// <summary>Changes a subscription on somebody's request. A change by somebody else in between is no reason to refuse: the rules are applied again to what is there now.</summary>
internal sealed class SubscriptionChange(CustomerStore store, CustomerStanding standing, TimeProvider clock)
{
    /// <param name="customerId">Whose.</param>
    /// <param name="action">What the event is called, by what was and what is.</param>
    /// <param name="refuse">Why it may not be, if it may not.</param>
    /// <param name="change">What becomes of the customer.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="response">Gets the new ETag.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<Results<Ok<SubscriptionResponse>, Problem>> Make(
        string customerId, Func<Customer, Customer, string> action, Func<Customer, Problem?> refuse, Func<Customer, DateTimeOffset, Customer> change, Caller caller, HttpResponse response, CancellationToken cancellation)
    {
        Stored<Customer>? changed = null;
        while (changed is null)
        {
            if (await store.Read(customerId, cancellation) is not { Value.DeletedAt: null } customer) { return Failures.NotFound("customer"); }
            if (customer.Value.Subscription.IsRunByStripe) { return Failures.SubscriptionRunByStripe(); }
            if (refuse(customer.Value) is { } refusal) { return refusal; }
            var after = change(customer.Value, clock.GetUtcNow());
            changed = ReferenceEquals(after, customer.Value) ? customer : await store.TryReplace(customer, after.Recorded(action(customer.Value, after), customer.Value, caller, clock), cancellation);
        }
        await standing.FollowSoon(changed, cancellation);
        response.Headers.ETag = changed.ETag;
        return TypedResults.Ok(SubscriptionResponse.From(changed.Value.Subscription));
    }
}
