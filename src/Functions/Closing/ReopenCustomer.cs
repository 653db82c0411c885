using CustomerFunctions.Access;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using CustomerFunctions.Holds;
using CustomerFunctions.Shared.Azure;
using CustomerFunctions.Stripe;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Closing;

/// <summary>
/// Brings a deleted customer back within <see cref="Customer.RestoreWindow"/>, with everything that it owned: active, or suspended when it had holds. Its keys work again. Reopening
/// a customer that is not closed changes nothing.
/// </summary>
internal static class ReopenCustomer
{
    public static async Task<Results<Ok<CustomerResponse>, Problem>> Handle(
        string customerId, Caller caller, CustomerStore store, CustomerStanding standing, StripeSync stripe, TimeProvider clock, HttpResponse response, CancellationToken cancellation)
    {
        Stored<Customer>? reopened = null;
        while (reopened is null)
        {
            if (await store.Read(customerId, cancellation) is not { } customer) { return Failures.NotFound("customer"); }
            if (!customer.Value.MayReopen(clock.GetUtcNow())) { return Failures.RestoreWindowOver(); }
            var after = customer.Value.Reopen(caller.Id, clock.GetUtcNow());
            // Its owner may have made another customer meanwhile, which has the address now.
            if (!ReferenceEquals(after, customer.Value) && !await store.HasItsEmail(after, cancellation)) { after = after with { EmailProof = null }; }
            reopened = ReferenceEquals(after, customer.Value) ? customer : await store.TryReplace(customer, after.Recorded("customer.reopened", customer.Value, caller, clock), cancellation);
        }
        reopened = await CatchUp(reopened, store, stripe, cancellation);
        await standing.FollowSoon(reopened, cancellation);
        response.Headers.ETag = reopened.ETag;
        return TypedResults.Ok(CustomerResponse.From(reopened));
    }

    private static async Task<Stored<Customer>> CatchUp(Stored<Customer> reopened, CustomerStore store, StripeSync stripe, CancellationToken cancellation)
    {
        if (reopened.Value.Subscription.StripeDueAt is null) { return reopened; }
        try
        {
            await stripe.CatchUp(reopened, cancellation);
            return await store.Read(reopened.Value.Id, cancellation) ?? reopened;
        }
        catch (Exception e) when (ExceptionEdge.IsDependencyFailure(e)) { return reopened; /* It is due, and the timer finds it. */ }
    }
}
