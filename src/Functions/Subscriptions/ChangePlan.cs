using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using CustomerFunctions.Access;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using CustomerFunctions.Plans;
using CustomerFunctions.WhatIf;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Subscriptions;

/// <summary>When another plan begins.</summary>
[JsonConverter(typeof(NamedEnumConverter<PlanStart>))]
public enum PlanStart
{
    [JsonStringEnumMemberName("now")] Now,

    /// <summary>With the next period; without one under way, now.</summary>
    [JsonStringEnumMemberName("renewal")] Renewal,
}

/// <param name="PlanId">The plan: see <c>GET /api/plans</c>.</param>
/// <param name="Start"><c>now</c> or <c>renewal</c>.</param>
public sealed record ChangePlanRequest([property: Required] string? PlanId = null, [property: Required(ErrorMessage = "Expected now or renewal.")] PlanStart? Start = null)
{
    internal Problem? Check()
    {
        var checks = new Checks();
        if (PlanId == Customer.TrialPlan || PlanCatalogue.Find(PlanId!) is null) { checks.Add("/planId", "unknown-value", "There is no such plan to choose; GET /api/plans lists them."); }
        return checks.Refusal;
    }
}

/// <summary>
/// Gives a customer another plan. The answer says what the customer has more of than the plan allows, with <c>whatIf=true</c> also what else that would change; a smaller plan takes nothing away that was made, it only allows no more of it.
/// </summary>
internal static class ChangePlan
{
    public static async Task<Results<Ok<SubscriptionResponse>, Ok<WhatIfResponse>, Problem>> Handle(
        string customerId, string? whatIf, CustomerInPath customer, ChangePlanRequest request, Caller caller, PlanUses uses, SubscriptionChange subscriptions, TimeProvider clock, HttpContext context, CancellationToken cancellation)
    {
        if (!WhatIfQuery.TryRead(context.Request, whatIf, out var asked, out var unclear)) { return unclear; }
        if (request.Check() is { } invalid) { return invalid; }
        if (customer.Value.Subscription.IsRunByStripe) { return Failures.SubscriptionRunByStripe(); }
        if (Refuse(customer.Value) is { } refusal) { return refusal; }
        var now = clock.GetUtcNow();
        var effects = PlanEffects.Of(customer.Value, Change(customer.Value, now), await uses.Read(customer, now, cancellation), request.PlanId!, now);
        if (asked) { return TypedResults.Ok(WhatIfResponse.Of(effects)); }

        var changed = await subscriptions.Make(customerId, Action, Refuse, Change, caller, context.Response, cancellation);
        if (changed.Result is not Ok<SubscriptionResponse> { Value: { } subscription }) { return (Problem)changed.Result; }
        IReadOnlyList<Effect> over = [.. effects.Where(effect => effect.IsOver)];
        return TypedResults.Ok(over.Count == 0 ? subscription : subscription with { Over = over });

        Customer Change(Customer current, DateTimeOffset at) => request.Start == PlanStart.Now ? current.ChangePlan(request.PlanId!, caller.Id, at) : current.ChangePlanAtRenewal(request.PlanId!, caller.Id, at);

        // Staff may sell on account; whoever serves himself has to be able to pay.
        Problem? Refuse(Customer current) =>
            caller.IsStaff || request.PlanId == PlanCatalogue.Free || current.Subscription.PaymentMethodAddedAt is not null ? null : Failures.PaymentMethodRequired();
    }

    /// <summary>What came of it: another plan now, one that is to come, or neither, where something that was to come was taken back.</summary>
    private static string Action(Customer before, Customer after) =>
        after.Subscription.NextPlanId is not null ? "subscription.changeScheduled"
        : after.Plan == before.Plan && after.Subscription.Status == before.Subscription.Status ? "subscription.resumed"
        : "subscription.changed";
}
