using CustomerFunctions.Customers;
using CustomerFunctions.Plans;
using CustomerFunctions.Subscriptions;

namespace CustomerFunctions.Stripe;

/// <summary>What a customer is after all that Stripe has said of it: a function of that and of nothing that came in between.</summary>
internal static class StripeProjection
{
    public const string Actor = "stripe";

    /// <summary>The customer as Stripe has it, and what to call the change; no name for one that nobody sees. Null when a later state is in it already, or another Stripe customer runs it.</summary>
    public static (Customer After, string? Action)? Apply(this Customer customer, StripeCustomer stripe, DateTimeOffset now)
    {
        var current = customer.Subscription;
        var isSame = current.StripeCustomerId == stripe.StripeId;
        if ((isSame && current.StripeRevision >= stripe.Revision) || (!isSame && current.IsRunByStripe)) { return null; }
        var after = customer with
        {
            Subscription = current with
            {
                StripeCustomerId = stripe.StripeId,
                StripeRevision = stripe.Revision,
                PaymentMethod = stripe.PaymentMethod?.Text ?? current.PaymentMethod,
                PaymentMethodAddedAt = stripe.PaymentMethod?.Said.At ?? current.PaymentMethodAddedAt,
            },
        };
        if (stripe.Current is { } running && !(running.Value.IsEnd && running.Key == current.StripeEndedId)) { after = after.Run(running.Key, running.Value, stripe, now); }
        return after.IsSeenAs(customer) ? (after, null) : (after with { UpdatedAt = now, UpdatedBy = Actor }, Action(customer, after));
    }

    private static Customer Run(this Customer customer, string id, StripeSubscription stripe, StripeCustomer all, DateTimeOffset now)
    {
        var (status, since) = Standing(stripe, all);
        var hasEnded = status is SubscriptionStatus.Canceled or SubscriptionStatus.IncompleteExpired;
        var planId = hasEnded && stripe.HasStarted ? SubscriptionRules.FreePlan : stripe.HasStarted ? stripe.Plan?.Text ?? customer.Plan : customer.Plan;
        var isHeld = customer.HoldNotes.Any(note => note is { Hold: Hold.Billing, PlacedBy: SubscriptionRules.Delinquency });
        var after = (stripe.HasStarted ? customer.Converted() : customer) with
        {
            Plan = planId,
            Subscription = customer.Subscription with
            {
                PlanId = planId,
                Status = status,
                StartedAt = stripe.StartedAt,
                AnchorAt = null,
                RenewalAt = hasEnded ? null : stripe.PeriodEnd?.Instant,
                CancelAtPeriodEnd = !hasEnded && stripe.CancelAtPeriodEnd,
                NextPlanId = null,
                CanceledAt = hasEnded ? stripe.Said.At : null,
                StripeSubscriptionId = id,
                PastDueSince = since,
                GraceEndsAt = since is null || isHeld ? null : since + PlanCatalogue.Of(planId).PaymentGrace,
            },
        };
        // Who has not paid stays held when the subscription ends over it.
        return since is null && (!hasEnded || all.UnpaidSince is null) ? after.Paid(status, Actor, now) : after;
    }

    /// <summary>
    /// Where a subscription and its invoices say different things, the later one is right: an invoice that failed after the subscription was last seen active makes it past due, one that was paid
    /// after it was last seen past due makes it active.
    /// </summary>
    private static (SubscriptionStatus Status, DateTimeOffset? Since) Standing(StripeSubscription stripe, StripeCustomer all)
    {
        var (unpaid, lastSaid) = (all.UnpaidSince, stripe.Said.At);
        return stripe.Status switch
        {
            SubscriptionStatus.Active or SubscriptionStatus.Trialing when unpaid >= lastSaid => (SubscriptionStatus.PastDue, unpaid),
            SubscriptionStatus.PastDue or SubscriptionStatus.Unpaid when unpaid is null && all.LastPaidAt >= lastSaid => (SubscriptionStatus.Active, null),
            SubscriptionStatus.PastDue or SubscriptionStatus.Unpaid => (stripe.Status, unpaid ?? lastSaid),
            var status => (status, null),
        };
    }

    private static bool IsSeenAs(this Customer after, Customer before) =>
        after with { Subscription = after.Subscription with { StripeRevision = before.Subscription.StripeRevision } } == before;

    private static string Action(Customer before, Customer after) => (before.Subscription, after.Subscription) switch
    {
        ({ IsOwing: false }, { IsOwing: true }) => "subscription.pastDue",
        ({ IsOwing: true }, { IsOwing: false, HasEnded: false }) => "subscription.paid",
        ({ HasEnded: false }, { HasEnded: true }) => "subscription.canceled",
        _ when after.Holds.Count < before.Holds.Count => "subscription.paid",
        var (old, next) when (old with { StripeCustomerId = next.StripeCustomerId, StripeRevision = next.StripeRevision, PaymentMethod = next.PaymentMethod, PaymentMethodAddedAt = next.PaymentMethodAddedAt }) == next => "subscription.paymentMethodChanged",
        ({ CancelAtPeriodEnd: false }, { CancelAtPeriodEnd: true }) => "subscription.cancelScheduled",
        var (old, next) when old.StripeSubscriptionId == next.StripeSubscriptionId && old.PlanId == next.PlanId && old.RenewalAt < next.RenewalAt => "subscription.renewed",
        _ => "subscription.changed",
    };
}
