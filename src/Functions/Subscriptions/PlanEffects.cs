using CustomerFunctions.Customers;
using CustomerFunctions.Flags;
using CustomerFunctions.Plans;
using CustomerFunctions.WhatIf;

namespace CustomerFunctions.Subscriptions;

/// <summary>What another plan would change, from the very record that the change would write.</summary>
internal static class PlanEffects
{
    public static IReadOnlyList<Effect> Of(Customer before, Customer after, PlanUse use, string planId, DateTimeOffset now)
    {
        if (ReferenceEquals(before, after)) { return []; }
        // What is not yet the plan comes with the renewal.
        DateTimeOffset? at = after.Plan == planId ? now : after.Subscription.RenewalAt;
        var (old, next) = (PlanCatalogue.Of(before.Plan), PlanCatalogue.Of(planId));
        return
        [
            new Effect("planChanges", planId, at),
            .. before.TrialDueAt is not null && after.TrialDueAt is null ? new[] { new Effect("trialEnds", before.Id, now) } : [],
            .. FeatureFlags.All.Where(flag => FeatureFlags.IsEnabled(flag, before) && !FeatureFlags.IsEnabled(flag, before with { Plan = planId })).Select(flag => new Effect("featureLost", flag.Name, at, use.Of(flag, before), 0)),
            .. next.RoleTemplate.SequenceEqual(old.RoleTemplate) ? [] : use.OnPlanRoles.Select(account => new Effect("rolesFollowPlan", account.Id, at)),
            .. next.RequestsPerMinute < old.RequestsPerMinute ? new[] { new Effect("requestLimitLowered", before.Id, at, Limit: next.RequestsPerMinute) } : [],
            .. next.AuditRetention < old.AuditRetention ? new[] { new Effect("auditLogShortened", before.Id, at) } : [],
            .. next.Quotas.Where(quota => !(old.QuotaOf(quota.Meter)?.PerMonth <= quota.PerMonth)).Select(use.Month.StandingOf).Select(quota => new Effect("quotaLowered", quota.Meter, at, quota.Used, quota.Limit)),
        ];
    }
}
