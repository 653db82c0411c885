using CustomerFunctions.Customers;
using CustomerFunctions.ServiceAccounts;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.Roles;

/// <summary>What a service account may do in Azure: as it should be, and as it was when it was last looked at.</summary>
/// <param name="PrincipalId">The object id of its service principal.</param>
/// <param name="Scope">Outside of it, it is given nothing; absent when it is given nothing anywhere.</param>
/// <param name="FromPlan">Whether the roles are those of the customer's plan.</param>
/// <param name="Expected">What it should have.</param>
/// <param name="Actual">What it had; absent before the first look.</param>
/// <param name="Drift">How the two differed.</param>
/// <param name="CheckedAt">When it was looked at.</param>
/// <param name="Failure">Why the last look came to nothing.</param>
/// <param name="Withheld">Which of the expected ones are not given, because they are beyond the boundary; absent when there are none.</param>
public sealed record AzurePermissions(
    string PrincipalId, string? Scope, bool FromPlan, IReadOnlyList<WantedRole> Expected, IReadOnlyList<HeldRole>? Actual, IReadOnlyList<Drift>? Drift, DateTimeOffset? CheckedAt, string? Failure, IReadOnlyList<WantedRole>? Withheld);

/// <param name="State">The account's state; while it is suspended, what it should have has been taken from it.</param>
/// <param name="ApiScopes">The permissions of this API that its credentials are confined to; absent for all that a service account may.</param>
/// <param name="Azure">Absent for an account that is nobody in Azure.</param>
/// <param name="NobodyInAzure">Why it is nobody there, and has no roles; absent for one that is somebody.</param>
public sealed record PermissionsResponse(string Etag, string State, IReadOnlyList<string>? ApiScopes, AzurePermissions? Azure, string? NobodyInAzure)
{
    internal static PermissionsResponse From(Stored<ServiceAccount> stored, Customer customer, RoleKeeper keeper)
    {
        var account = stored.Value;
        var azure = account.Azure is not { } access ? null : new AzurePermissions(
            access.PrincipalId, access.Scope, access.Roles is null, keeper.Wanted(access, customer.Plan), access.LastCheck?.Held, access.LastCheck?.Drift, access.LastCheck?.At, access.Failure ?? account.Lifecycle?.Failure, access.LastCheck?.Withheld);
        return new PermissionsResponse(stored.ETag, account.State, account.ApiScopes, azure, keeper.WhyNobody(account));
    }
}
