using CustomerFunctions.Customers;

namespace CustomerFunctions.Trials;

/// <summary>How a trial goes on and ends. Each rule returns the very customer when there is nothing to change.</summary>
internal static class TrialRules
{
    private const string Actor = "trial-expiry";

    /// <summary>
    /// Ends a trial whose time is over. Without a payment method the subscription pauses and the customer stays active: its plan says what it may still do (<see cref="Plans.TrialTerms"/>).
    /// </summary>
    public static Customer ExpireTrial(this Customer customer, DateTimeOffset now) =>
        customer.TrialDueAt is null || customer.Trial.Status != TrialStatus.Active || customer.Trial.EndsAt > now ? customer : customer.EndTrial(now);

    /// <summary>Notes that the trial's next reminder is given, if one is due.</summary>
    public static Customer RemindOfTrial(this Customer customer, DateTimeOffset now) =>
        customer.TrialDueAt is not { } due || due > now || customer.Trial.Status != TrialStatus.Active || customer.Trial.EndsAt <= now ? customer : customer.With(customer.Trial with { RemindedAt = now }, Actor, now);

    /// <summary>Counts the trial's units; with the last of them it ends at once.</summary>
    public static Customer UseTrialUnits(this Customer customer, long used, DateTimeOffset now)
    {
        if (customer.Trial.Status != TrialStatus.Active || used <= customer.Trial.UnitsUsed) { return customer; }
        var counted = customer with { Trial = customer.Trial with { UnitsUsed = (int)Math.Min(used, int.MaxValue) }, UpdatedAt = now, UpdatedBy = "usage" };
        return counted.Trial.UnitsUsed < counted.Trial.UnitsLimit ? counted : counted.EndTrial(now);
    }

    /// <summary>Gives a trial more time or units; one that has ended goes on.</summary>
    public static Customer ExtendTrial(this Customer customer, int days, int units, string by, DateTimeOffset now)
    {
        var trial = customer.Trial;
        var longer = trial with
        {
            Status = TrialStatus.Active,
            EndsAt = (trial.EndsAt > now || days == 0 ? trial.EndsAt : now).AddDays(days),
            UnitsLimit = trial.UnitsLimit + units,
            EndedAt = null,
            RemindedAt = now,
        };
        return customer.With(longer, by, now) with { Subscription = customer.Subscription with { Status = SubscriptionStatus.Trialing } };
    }

    private static Customer EndTrial(this Customer customer, DateTimeOffset now) =>
        customer.With(customer.Trial with { Status = TrialStatus.Expired, EndedAt = now }, Actor, now) with { Subscription = customer.Subscription with { Status = SubscriptionStatus.Paused } };

    private static Customer With(this Customer customer, Trial trial, string by, DateTimeOffset now) =>
        customer with { Trial = trial, TrialDueAt = customer.DeletedAt is null ? trial.DueAt() : null, UpdatedAt = now, UpdatedBy = by };
}
