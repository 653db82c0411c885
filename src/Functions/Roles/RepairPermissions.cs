using CustomerFunctions.Access;
using CustomerFunctions.Edge;
using CustomerFunctions.ServiceAccounts;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Roles;

/// <summary>Gives a service account what it lacks in Azure, and takes what it should not have. A timer finishes what something that did not answer has left.</summary>
internal static class RepairPermissions
{
    public static async Task<Results<Ok<PermissionsResponse>, Problem>> Handle(
        string customerId, string serviceAccountId, CustomerInPath customer, Caller caller, ServiceAccountStore store, RoleKeeper keeper, LifecycleEngine engine, TimeProvider clock, HttpResponse response, CancellationToken cancellation)
    {
        while (true)
        {
            if (await GetServiceAccount.Find(customerId, serviceAccountId, store, cancellation) is not { } account) { return Failures.NotFound("service account"); }
            if (RefusalOf(account.Value) is { } refusal) { return refusal; }
            if (account.Value.Azure is not { } access) { return GetPermissions.Answer(account, customer, keeper, response); }
            var after = account.Value with { Azure = access with { RepairWanted = true, RolesLost = null }, LifecycleDueAt = clock.GetUtcNow() };
            var applied = await engine.Apply(account, after.RecordedAsChanged("serviceAccount.permissionsRepaired", account.Value, caller, clock), cancellation);
            if (applied.Saved) { return GetPermissions.Answer(applied.Account!, customer, keeper, response); }
        }
    }

    /// <summary>What was taken from a suspended account must come back as it was, and not be looked for.</summary>
    public static Problem? RefusalOf(ServiceAccount account) => account switch
    {
        { Deletion: not null } => Failures.ServiceAccountDeleting(),
        { Suspension: not null } or { Withdrawal: not null } => Failures.ServiceAccountNotActive(),
        _ => null,
    };
}
