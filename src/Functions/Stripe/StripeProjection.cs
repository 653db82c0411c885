using CustomerFunctions.Customers;
using CustomerFunctions.Plans;
using CustomerFunctions.Subscriptions;

namespace CustomerFunctions.Stripe;

/// <summary>What a customer is after all that Stripe has said of it: the same in whatever order that was heard.</summary>
internal static class StripeProjection
{
    public const string Actor = "stripe";

    /// <summary>The customer as Stripe has it, and what to call the change; no name for one that nobody sees. Null when what is known of <paramref name="heard"/> is in it already.</summary>
    /// <param name="customer">The customer here.</param>
    /// <param name="heard">The customer at Stripe that something was heard of.</param>
    /// <param name="others">Every other one that it is there.</param>
    /// <param name="now">The present.</param>
    public static (Customer After, string? Action)? Apply(this Customer customer, StripeCustomer heard, IReadOnlyCollection<StripeCustomer> others, DateTimeOffset now)
    {
        if (customer.StripeRevisions.GetValueOrDefault(heard.StripeId) >= heard.Revision) { return null; }
        IReadOnlyCollection<StripeCustomer> buyers = [heard, .. others];
        var history = new StripeHistory(buyers, customer.Subscription.StripeSubscriptionId);
        var after = customer.With(history) with { StripeRevisions = buyers.ToDictionary(buyer => buyer.StripeId, buyer => buyer.Revision) };
        if (history.Current is { } current && customer.Subscription.GivesWayTo(current)) { after = after.Run(current, now); }
        // Who has not paid stays held when the subscription ends over it: until that is settled, or another one runs.
        if (!after.Subscription.IsOwing && (after.Subscription.IsRunByStripe || history.IsSettled)) { after = after.RestorePaid(Actor, now); }
        return after.IsSeenAs(customer) ? (after, null) : (after with { UpdatedAt = now, UpdatedBy = Actor }, Action(customer, after));
    }

    private static Customer With(this Customer customer, StripeHistory history)
    {
        var buyer = history.Current?.Buyer ?? history.Newest;
        return customer with
        {
            Subscription = customer.Subscription with
            {
                StripeCustomerId = buyer.StripeId,
                StripeRevision = buyer.Revision,
                PaymentMethod = history.PaymentMethod?.Text ?? customer.Subscription.PaymentMethod,
                PaymentMethodAddedAt = history.PaymentMethod?.Said.At ?? customer.Subscription.PaymentMethodAddedAt,
            },
        };
    }

    /// <summary>What had ended when a plan was chosen here stays ended, and what has not begun takes nothing from a trial or a plan on account.</summary>
    private static bool GivesWayTo(this Subscription here, StripePurchase current) => current.Subscription switch
    {
        { IsEnd: true } when current.Id == here.StripeEndedId => false,
        { HasStarted: false } => here is { StripeSubscriptionId: not null } or { Status: not (SubscriptionStatus.Active or SubscriptionStatus.Trialing) },
        _ => true,
    };

    private static Customer Run(this Customer customer, StripePurchase current, DateTimeOffset now)
    {
        var stripe = current.Subscription;
        var (status, since) = Standing(current);
        var planId = stripe switch
        {
            { HasStarted: false } => customer.Plan,
            { IsEnd: true } => PlanCatalogue.Free,
            _ => stripe.Plan?.Text ?? customer.Plan,
        };
        return (stripe.HasStarted ? customer.Converted() : customer) with
        {
            Plan = planId,
            Subscription = customer.Subscription with
            {
                PlanId = planId,
                Status = status,
                StartedAt = stripe.StartedAt,
                AnchorAt = null,
                RenewalAt = stripe.IsEnd ? null : stripe.PeriodEnd?.Instant,
                CancelAtPeriodEnd = !stripe.IsEnd && stripe.CancelAtPeriodEnd,
                NextPlanId = null,
                CanceledAt = stripe.IsEnd ? stripe.Said.At : null,
                StripeSubscriptionId = current.Id,
                PastDueSince = since,
                GraceEndsAt = since is null || customer.IsHeldForPayment ? null : since + PlanCatalogue.Of(planId).PaymentGrace,
            },
        };
    }

    /// <summary>
    /// Where a subscription and its invoices say different things, the later one is right: an invoice that failed after the subscription was last seen active makes it past due, one that was paid
    /// after it was last seen past due makes it active.
    /// </summary>
    private static (SubscriptionStatus Status, DateTimeOffset? Since) Standing(StripePurchase current)
    {
        var (unpaid, lastSaid) = (StripeHistory.UnpaidSince(current), current.Subscription.Said.At);
        return current.Subscription.Status switch
        {
            SubscriptionStatus.Active or SubscriptionStatus.Trialing when unpaid >= lastSaid => (SubscriptionStatus.PastDue, unpaid),
            SubscriptionStatus.PastDue or SubscriptionStatus.Unpaid when unpaid is null && StripeHistory.LastPaidAt(current) >= lastSaid => (SubscriptionStatus.Active, null),
            SubscriptionStatus.PastDue or SubscriptionStatus.Unpaid => (current.Subscription.Status, unpaid ?? lastSaid),
            var status => (status, null),
        };
    }

    private static bool IsSeenAs(this Customer after, Customer before) =>
        after with { StripeRevisions = before.StripeRevisions, Subscription = after.Subscription with { StripeRevision = before.Subscription.StripeRevision } } == before;

    private static string Action(Customer before, Customer after) => (before.Subscription, after.Subscription) switch
    {
        ({ IsOwing: false }, { IsOwing: true }) => "subscription.pastDue",
        ({ IsOwing: true }, { IsOwing: false, HasEnded: false }) => "subscription.paid",
        ({ HasEnded: false }, { HasEnded: true }) => "subscription.canceled",
        _ when after.HoldNotes.Count < before.HoldNotes.Count => "subscription.paid",
        var (old, next) when (old with { StripeCustomerId = next.StripeCustomerId, StripeRevision = next.StripeRevision, PaymentMethod = next.PaymentMethod, PaymentMethodAddedAt = next.PaymentMethodAddedAt }) == next => "subscription.paymentMethodChanged",
        ({ CancelAtPeriodEnd: false }, { CancelAtPeriodEnd: true }) => "subscription.cancelScheduled",
        var (old, next) when old.StripeSubscriptionId == next.StripeSubscriptionId && old.PlanId == next.PlanId && old.RenewalAt < next.RenewalAt => "subscription.renewed",
        _ => "subscription.changed",
    };
}
