using CustomerFunctions.Customers;
using CustomerFunctions.Plans;

namespace CustomerFunctions.Subscriptions;

/// <summary>What becomes of a subscription, as pure functions of the customer. Whatever changes nothing returns that very customer.</summary>
internal static class SubscriptionRules
{
    /// <summary>The end of the period that <paramref name="now"/> lies in: so many calendar months after the anchor, or the last day of a month that is too short for its day.</summary>
    public static DateTimeOffset PeriodEnd(DateTimeOffset anchor, DateTimeOffset now)
    {
        var months = Math.Max(1, ((now.Year - anchor.Year) * 12) + now.Month - anchor.Month);
        while (anchor.AddMonths(months) <= now) { months++; }
        return anchor.AddMonths(months);
    }

    /// <summary>Another plan, from now on. A trial is over with it, and so is a cancellation that was to come. The free plan costs nothing and has no periods.</summary>
    public static Customer ChangePlan(this Customer customer, string planId, string by, DateTimeOffset now)
    {
        var current = customer.Subscription;
        if (customer.Plan == planId && current is { Status: SubscriptionStatus.Active, NextPlanId: null, CancelAtPeriodEnd: false }) { return customer; }
        // A subscription that was running keeps its periods; every other one begins now.
        var anchor = current is { HasEnded: false, AnchorAt: { } running } ? running : now;
        return customer.Converted() with
        {
            Plan = planId,
            Subscription = current with
            {
                PlanId = planId,
                Status = current.IsOwing ? current.Status : SubscriptionStatus.Active,
                StartedAt = current.Status == SubscriptionStatus.Active ? current.StartedAt : now,
                AnchorAt = planId == PlanCatalogue.Free ? null : anchor,
                RenewalAt = planId == PlanCatalogue.Free ? null : PeriodEnd(anchor, now),
                NextPlanId = null,
                CancelAtPeriodEnd = false,
                CanceledAt = null,
                StripeEndedId = current.StripeSubscriptionId ?? current.StripeEndedId,
                StripeSubscriptionId = null,
            },
            UpdatedAt = now,
            UpdatedBy = by,
        };
    }

    /// <summary>Another plan, from the next period on. Without a period under way that is now.</summary>
    public static Customer ChangePlanAtRenewal(this Customer customer, string planId, string by, DateTimeOffset now)
    {
        if (customer.Subscription is not { Status: SubscriptionStatus.Active or SubscriptionStatus.PastDue, RenewalAt: not null }) { return customer.ChangePlan(planId, by, now); }
        var next = planId == customer.Plan ? null : planId;
        return customer.Subscription.NextPlanId == next && !customer.Subscription.CancelAtPeriodEnd ? customer : customer with
        {
            Subscription = customer.Subscription with { NextPlanId = next, CancelAtPeriodEnd = false },
            UpdatedAt = now,
            UpdatedBy = by,
        };
    }

    public static bool MayCancel(this Customer customer) => customer.Subscription.RenewalAt is not null && !customer.Subscription.HasEnded;

    /// <summary>Ends the subscription with its period; until then all stays as it is.</summary>
    public static Customer CancelAtPeriodEnd(this Customer customer, string by, DateTimeOffset now) => customer.Subscription.CancelAtPeriodEnd ? customer : customer with
    {
        Subscription = customer.Subscription with { CancelAtPeriodEnd = true, NextPlanId = null },
        UpdatedAt = now,
        UpdatedBy = by,
    };

    /// <summary>Takes a cancellation or a change of plan back that was to come with the next period.</summary>
    public static Customer Resume(this Customer customer, string by, DateTimeOffset now) => customer.Subscription is { CancelAtPeriodEnd: false, NextPlanId: null } ? customer : customer with
    {
        Subscription = customer.Subscription with { CancelAtPeriodEnd = false, NextPlanId = null },
        UpdatedAt = now,
        UpdatedBy = by,
    };

    /// <summary>
    /// The next thing that is due at <paramref name="now"/>, and what to call it; null when nothing is. One step at a time: each is written with its event, so a run that ends in between
    /// goes on where it was, and none is done twice.
    /// </summary>
    public static (Customer After, string Action)? NextStep(this Customer customer, DateTimeOffset now)
    {
        if (customer.Status == CustomerStatus.Closed || customer.SubscriptionDueAt is not { } due || due > now) { return null; }
        var current = customer.Subscription;
        if (current.GraceEndsAt <= now) { return (customer.EndGrace(now), "subscription.suspended"); }
        if (current.IsRunByStripe || current.RenewalAt is not { } renewal || renewal > now) { return null; }
        if (current.CancelAtPeriodEnd) { return (customer.End(now), "subscription.canceled"); }
        var planId = current.NextPlanId ?? current.PlanId;
        // From the end of the period, not from when the timer came: one that comes months late has caught up at once. The free plan has no periods.
        var renewed = planId == PlanCatalogue.Free ? current with { AnchorAt = null, RenewalAt = null } : current with { RenewalAt = PeriodEnd(current.AnchorAt ?? renewal, now) };
        return (customer with
        {
            Plan = planId,
            Subscription = renewed with { PlanId = planId, NextPlanId = null },
            UpdatedAt = now,
            UpdatedBy = nameof(SettleSubscriptions),
        }, renewed.RenewalAt is null ? "subscription.changed" : "subscription.renewed");
    }

    /// <summary>The subscription is over: what is left is the free plan.</summary>
    public static Customer End(this Customer customer, DateTimeOffset now) => customer with
    {
        Plan = PlanCatalogue.Free,
        Subscription = customer.Subscription with
        {
            PlanId = PlanCatalogue.Free,
            Status = SubscriptionStatus.Canceled,
            RenewalAt = null,
            AnchorAt = null,
            CancelAtPeriodEnd = false,
            NextPlanId = null,
            CanceledAt = now,
        },
        UpdatedAt = now,
        UpdatedBy = nameof(SettleSubscriptions),
    };

    /// <summary>A customer that has subscribed is on no trial.</summary>
    public static Customer Converted(this Customer customer) => customer.Trial.Status == TrialStatus.Converted ? customer : customer with
    {
        Trial = customer.Trial with { Status = TrialStatus.Converted },
        TrialDueAt = null,
    };

    private static Customer EndGrace(this Customer customer, DateTimeOffset now) => customer.HoldForPayment("A payment is missing.", now) with
    {
        Subscription = customer.Subscription with { GraceEndsAt = null },
        UpdatedAt = now,
        UpdatedBy = HoldNote.Delinquency,
    };
}
