using CustomerFunctions.Access;
using CustomerFunctions.Edge;
using CustomerFunctions.ServiceAccounts;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Roles;

/// <summary>Looks into Azure now and says how what a service account has differs from what it should have. Changes nothing there.</summary>
internal static class VerifyPermissions
{
    public static async Task<Results<Ok<PermissionsResponse>, Problem>> Handle(
        string customerId, string serviceAccountId, CustomerInPath customer, Caller caller, ServiceAccountStore store, RoleKeeper keeper, TimeProvider clock, HttpResponse response, CancellationToken cancellation)
    {
        while (true)
        {
            if (await GetServiceAccount.Find(customerId, serviceAccountId, store, cancellation) is not { } account) { return Failures.NotFound("service account"); }
            if (RepairPermissions.RefusalOf(account.Value) is { } refusal) { return refusal; }
            if (account.Value.Azure is not { } access) { return GetPermissions.Answer(account, customer, keeper, response); }
            var check = await keeper.Check(access, customer.Value.Plan, cancellation);
            if (await store.TryReplace(account, AuditServiceAccountPermissions.Checked(account.Value, check, caller, clock), cancellation) is { } changed)
            {
                return GetPermissions.Answer(changed, customer, keeper, response);
            }
        }
    }
}
