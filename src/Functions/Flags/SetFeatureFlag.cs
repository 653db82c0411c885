using System.ComponentModel.DataAnnotations;
using CustomerFunctions.Access;
using CustomerFunctions.Audit;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared.Azure;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Flags;

/// <param name="Enabled">Whether the customer has the feature, whatever its plan says.</param>
public sealed record SetFeatureFlagRequest([property: Required] bool? Enabled = null);

/// <summary>
/// Decides a flag for one customer. Needs no If-Match: what it sets does not depend on what was there, and nothing else of the customer is touched.
/// </summary>
internal static class SetFeatureFlag
{
    public static async Task<Results<Ok<FeatureFlagResponse>, Problem>> Handle(
        string customerId, string flag, SetFeatureFlagRequest request, Caller caller, CustomerStore store, TimeProvider clock, CancellationToken cancellation)
    {
        if (FeatureFlags.Find(flag) is not { } found) { return Failures.NotFound("feature flag"); }
        var enabled = request.Enabled!.Value;
        return await Change(customerId, caller.FlagEvent(found, enabled, clock), customer => customer.OverrideFlag(found.Name, enabled, caller.Id, clock.GetUtcNow()), store, cancellation) is { } changed
            ? TypedResults.Ok(FeatureFlagResponse.From(found, changed.Value))
            : Failures.NotFound("customer");
    }

    /// <summary>The event of deciding a flag; null leaves it to the plan.</summary>
    public static Func<Customer, AuditEvent> FlagEvent(this Caller caller, FeatureFlag flag, bool? enabled, TimeProvider clock) => customer => caller.Event(
        "customer.featureFlagChanged", customer.Id, customer.AsTarget(), clock,
        metadata: new() { ["flag"] = flag.Name, ["enabled"] = enabled switch { true => "true", false => "false", null => "by plan" } });

    /// <summary>Changes a customer's flags, again when somebody else has changed it in between; null when it has gone.</summary>
    public static async Task<Stored<Customer>?> Change(string customerId, Func<Customer, AuditEvent> happened, Func<Customer, Customer> change, CustomerStore store, CancellationToken cancellation)
    {
        while (true)
        {
            if (await store.Read(customerId, cancellation) is not { Value.DeletedAt: null } customer) { return null; }
            var after = change(customer.Value);
            if (ReferenceEquals(after, customer.Value)) { return customer; }
            if (await store.TryReplace(customer, after.Record(happened(after)), cancellation) is not { } changed) { continue; }
            return changed;
        }
    }
}
