using CustomerFunctions.Access;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared.Azure;
using CustomerFunctions.Stripe;

namespace CustomerFunctions.Subscriptions;

/// <summary>
/// Timer: renews, ends and suspends what is due, brings what Stripe said to customers that were reopened, and looks at nothing else. Each step is one write with its event, guarded by the customer's ETag, so it is done once, however often, late or in parallel this runs.
/// </summary>
internal static class SettleSubscriptions
{
    public static Task<TimerResult> Handle(CustomerStore store, StripeSync stripe, TimeProvider clock, TimerPass pass, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        return pass.Run(
            nameof(SettleSubscriptions),
            (count, token) => store.SubscriptionsDueAcrossCustomers(now, count, token),
            async (Stored<Customer> customer, CancellationToken token) =>
            {
                if (customer.Value.Subscription.StripeDueAt <= now)
                {
                    await stripe.CatchUp(customer, token);
                    return "caughtUp";
                }
                var outcome = TimerPass.Skipped;
                while (customer.Value.NextStep(now) is var (after, action))
                {
                    if (await store.TryReplace(customer, after.Recorded(action, customer.Value, Caller.Timer(nameof(SettleSubscriptions)), clock), token) is not { } changed) { return outcome; }
                    (customer, outcome) = (changed, action[(action.IndexOf('.', StringComparison.Ordinal) + 1)..]);
                }
                return outcome;
            },
            cancellation);
    }
}
