using CustomerFunctions.Access;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Flags;

/// <summary>Leaves a flag to the customer's plan again.</summary>
internal static class ResetFeatureFlag
{
    public static async Task<Results<NoContent, Problem>> Handle(
        string customerId, string flag, Caller caller, CustomerStore store, TimeProvider clock, CancellationToken cancellation)
    {
        if (FeatureFlags.Find(flag) is not { } found) { return Failures.NotFound("feature flag"); }
        return await SetFeatureFlag.Change(customerId, caller.FlagEvent(found, enabled: null, clock), customer => customer.ResetFlag(found.Name, caller.Id, clock.GetUtcNow()), store, cancellation) is not null
            ? TypedResults.NoContent()
            : Failures.NotFound("customer");
    }
}
