using CustomerFunctions.Plans;

namespace CustomerFunctions.Tests.Year;

/// <summary>
/// What a customer must be on each day, as docs/plans.md, usage.md and subscriptions.md say it: kept by dates and in plain words, apart from the product's rules, so that each checks the other. Only the numbers of the plans are
/// the product's own.
/// </summary>
internal sealed class Life(DateOnly signedUp)
{
    private readonly SortedDictionary<string, LifeMonth> months = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> planAtEndOf = [];
    private readonly DateOnly trialEnds = signedUp.AddDays(PlanCatalogue.Trial.Length.Days);
    private bool reminded;
    private DateOnly began;

    public string Plan { get; private set; } = "trial";

    public string Trial { get; private set; } = "active";

    /// <summary>Of the subscription.</summary>
    public string Status { get; private set; } = "trialing";

    public bool IsSuspended { get; private set; }

    public bool IsRunByStripe { get; private set; }

    public bool EndsWithPeriod { get; private set; }

    public string? NextPlan { get; private set; }

    public DateOnly? Renewal { get; private set; }

    public DateOnly? GraceEnds { get; private set; }

    /// <summary>What its people were told today.</summary>
    public List<string> Told { get; } = [];

    public List<string> EverTold { get; } = [];

    public IReadOnlyDictionary<string, LifeMonth> Months => months;

    public bool IsOwing => Status == "past_due";

    public bool HasEnded => Status == "canceled";

    /// <summary>How the front door answers its keys.</summary>
    public string Door => IsSuspended ? "customer-suspended" : Plan == "trial" && Trial == "expired" ? "trial-ended" : "open";

    /// <summary>What time does.</summary>
    public void Begin(DateOnly today)
    {
        Told.Clear();
        if (today.Day == 1) { planAtEndOf[LifeMonth.Before(LifeMonth.NameOf(today))] = Plan; }
        if (Trial == "active" && today >= trialEnds) { EndTrial(); }
        else if (Trial == "active" && !reminded && today >= trialEnds.AddDays(-PlanCatalogue.Trial.RemindBefore.Single().Days)) { reminded = true; Tell("trial.willEnd"); }
        if (GraceEnds <= today) { (GraceEnds, IsSuspended) = (null, true); Tell("subscription.suspended"); }
        if (!IsRunByStripe && Renewal <= today) { Renew(today); }
        CloseMonths(today);
    }

    /// <summary>Chooses a plan, paid on account: at once.</summary>
    public void Subscribe(string plan, DateOnly today)
    {
        if (Renewal is null) { began = today; }
        (Plan, Status, Trial, NextPlan, EndsWithPeriod) = (plan, "active", "converted", null, false);
        Renewal = PeriodEnd(today);
        Tell("subscription.changed");
    }

    /// <summary>Chooses a plan at Stripe. Whoever still owed for the last one has paid his way back.</summary>
    public void SubscribeAtStripe(string plan, DateOnly today)
    {
        Tell(IsSuspended ? "subscription.paid" : "subscription.changed");
        (Plan, Status, Trial, IsRunByStripe, IsSuspended, began) = (plan, "active", "converted", true, false, today);
        Renewal = PeriodEnd(today);
    }

    public void PlanNext(string plan)
    {
        (NextPlan, EndsWithPeriod) = (plan, false);
        Tell("subscription.changeScheduled");
    }

    public void ChangeAtStripe(string plan)
    {
        Plan = plan;
        Tell("subscription.changed");
    }

    public void Cancel()
    {
        (EndsWithPeriod, NextPlan) = (true, null);
        Tell("subscription.cancelScheduled");
    }

    public void Resume()
    {
        EndsWithPeriod = false;
        Tell(IsRunByStripe ? "subscription.changed" : "subscription.resumed");
    }

    public void Renew(DateOnly today)
    {
        if (EndsWithPeriod) { End(); return; }
        (Plan, NextPlan) = (NextPlan ?? Plan, null);
        Renewal = Plan == "free" ? null : PeriodEnd(today);
        Tell(Renewal is null ? "subscription.changed" : "subscription.renewed");
    }

    public void FailToPay(DateOnly today)
    {
        (Status, GraceEnds) = ("past_due", today.AddDays(PlanCatalogue.Of(Plan).PaymentGrace.Days));
        Tell("subscription.pastDue");
    }

    public void Pay()
    {
        (Status, GraceEnds, IsSuspended) = ("active", null, false);
        Tell("subscription.paid");
    }

    /// <summary>Its subscription is over. Whoever is held for an open invoice stays so.</summary>
    public void End()
    {
        (Plan, Status, IsRunByStripe, EndsWithPeriod, NextPlan, Renewal, GraceEnds) = ("free", "canceled", false, false, null, null, null);
        Tell("subscription.canceled");
    }

    /// <summary>Uses units; false when the plan stops it, and then nothing is used.</summary>
    public bool Use(string meter, long quantity, DateOnly today)
    {
        var plan = PlanCatalogue.Of(Plan);
        var name = LifeMonth.NameOf(today);
        var month = months.GetValueOrDefault(name) ?? Open(name);
        if (plan.QuotaOf(meter) is { Overage: Overage.Stop } quota && month.Used(meter) + quantity > month.Limit(quota)) { return false; }
        months[name] = month;
        foreach (var notice in month.Add(meter, quantity, plan)) { Tell(notice); }
        if (Trial == "active" && months.Values.Sum(one => one.Used("fix")) >= PlanCatalogue.Trial.Units) { EndTrial(); }
        return true;
    }

    private void EndTrial()
    {
        (Trial, Status) = ("expired", "paused");
        Tell("trial.ended");
    }

    /// <summary>What is over is closed; where the plan that it ended with carries units over, the next month has been opened with them first.</summary>
    private void CloseMonths(DateOnly today)
    {
        foreach (var (name, month) in months.Where(month => !month.Value.IsClosed && string.CompareOrdinal(month.Key, LifeMonth.NameOf(today)) < 0).ToList())
        {
            var next = LifeMonth.After(name);
            if (PlanCatalogue.Of(planAtEndOf[name]).Quotas.Any(quota => quota.Rollover > 0) && !months.ContainsKey(next)) { months[next] = Open(next); }
            month.IsClosed = true;
        }
    }

    private LifeMonth Open(string name) => new(months.GetValueOrDefault(LifeMonth.Before(name)), planAtEndOf.TryGetValue(LifeMonth.Before(name), out var plan) ? PlanCatalogue.Of(plan) : null);

    /// <summary>As many months after the first day as it takes: what began on the 31st ends on the last day of a shorter month, and on the 31st again after that.</summary>
    private DateOnly PeriodEnd(DateOnly today) => Enumerable.Range(1, 24).Select(began.AddMonths).First(end => end > today);

    private void Tell(string notice)
    {
        Told.Add(notice);
        EverTold.Add(notice);
    }
}
