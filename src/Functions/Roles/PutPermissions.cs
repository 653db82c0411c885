using System.ComponentModel.DataAnnotations;
using System.Text.RegularExpressions;
using CustomerFunctions.Access;
using CustomerFunctions.Edge;
using CustomerFunctions.Migrations;
using CustomerFunctions.ServiceAccounts;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Roles;

/// <param name="Role">The role's name in Azure, such as Reader.</param>
/// <param name="Scope">Where; the account's own scope when absent.</param>
public sealed record WantedRoleRequest([property: Required] string? Role = null, string? Scope = null);

/// <param name="PrincipalId">The object id of the account's service principal; it cannot be changed later.</param>
/// <param name="Scope">The subscription or resource group outside of which the account is given nothing; the customer's when absent.</param>
/// <param name="Roles">At most 20 roles; those of the customer's plan when absent, none when empty.</param>
public sealed partial record AzurePermissionsRequest([property: Required] string? PrincipalId = null, string? Scope = null, IReadOnlyList<WantedRoleRequest>? Roles = null)
{
    internal const string ScopeExample = "Expected /subscriptions/{id} or /subscriptions/{id}/resourceGroups/{name}.";
    private const int MaxRoles = 20;

    internal void Check(Checks checks, string at = "/azure")
    {
        if (PrincipalId is null) { checks.Add(at + "/principalId", "required", "The field is required."); }
        else if (!Guid.TryParseExact(PrincipalId, "D", out _)) { checks.Add(at + "/principalId", "malformed", "Expected the object id of a service principal."); }
        CheckPlace(checks, at, Scope, Roles);
    }

    /// <summary>A scope, and roles at it.</summary>
    internal static void CheckPlace(Checks checks, string at, string? scope, IReadOnlyList<WantedRoleRequest>? roles)
    {
        if (scope is null) { checks.Add(at + "/scope", "required", "The field is required."); }
        checks.Form(at + "/scope", scope, ScopeForm(), ScopeExample);
        if (roles?.Count > MaxRoles) { checks.Add(at + "/roles", "too-many", "At most 20 roles."); }
        for (var i = 0; i < Math.Min(roles?.Count ?? 0, MaxRoles); i++)
        {
            if (roles![i] is null) { checks.Add($"{at}/roles/{i}", "required", "A role is an object, and not null."); continue; }
            checks.Text($"{at}/roles/{i}/role", roles[i].Role, 200, required: true);
            checks.Form($"{at}/roles/{i}/scope", roles[i].Scope, RoleScopeForm(), "Expected the id of a resource group or resource within the account's scope.");
            if (roles.Take(i).Contains(roles[i])) { checks.Add($"{at}/roles/{i}", "duplicate", "Each role once."); }
        }
    }

    internal AzureAccess Access(AzureAccess? before) => new()
    {
        PrincipalId = PrincipalId!.ToLowerInvariant(),
        Scope = Scope!,
        Roles = Roles is null ? null : [.. Roles.Select(role => new WantedRole(role.Role!.Trim(), role.Scope ?? Scope!))],
        RepairWanted = true,
        LastCheck = before?.LastCheck,
    };

    [GeneratedRegex(@"^/subscriptions/[0-9a-fA-F-]{36}(/resourceGroups/[-\w._()]{1,90})?\z", RegexOptions.CultureInvariant)]
    internal static partial Regex ScopeForm();

    [GeneratedRegex(@"^/subscriptions/[0-9a-fA-F-]{36}(/resourceGroups/[-\w._()]{1,90}(/providers/[-\w./]{1,300})?)?\z", RegexOptions.CultureInvariant)]
    internal static partial Regex RoleScopeForm();
}

/// <param name="Azure">What it may do in Azure; absent for an account that is nobody there.</param>
/// <param name="ApiScopes">The permissions of this API that its credentials are confined to; absent for all that a service account may.</param>
public sealed record PutPermissionsRequest(AzurePermissionsRequest? Azure = null, IReadOnlyList<string>? ApiScopes = null)
{
    internal static readonly IReadOnlyList<string> AllApiScopes = [.. Permissions.All.Where(permission => Permissions.RolesFor(permission).Contains(Role.ServiceAccount)).Select(Permissions.Name)];

    internal Problem? Check()
    {
        var checks = new Checks();
        if (Azure is null && ApiScopes is null) { checks.Add("/azure", "required", "Say what the account may do in Azure, here (apiScopes), or both."); }
        Azure?.Check(checks);
        if (ApiScopes is { Count: 0 }) { checks.Add("/apiScopes", "empty", "Name at least one permission, or leave the field out."); }
        for (var i = 0; i < ApiScopes?.Count; i++)
        {
            if (!AllApiScopes.Contains(ApiScopes[i])) { checks.Add($"/apiScopes/{i}", "unknown-value", $"Expected one of {string.Join(", ", AllApiScopes)}."); }
            else if (ApiScopes.Take(i).Contains(ApiScopes[i])) { checks.Add($"/apiScopes/{i}", "duplicate", "Each permission once."); }
        }
        return checks.Refusal;
    }
}

/// <summary>Says what a service account may do, within the boundary, and brings Azure in line with it. Staff only: this app's identity could give more than its caller may have.</summary>
internal static class PutPermissions
{
    public static async Task<Results<Ok<PermissionsResponse>, Problem>> Handle(
        string customerId, string serviceAccountId, CustomerInPath customer, PutPermissionsRequest request, Caller caller, ServiceAccountStore store, RoleKeeper keeper, LifecycleEngine engine, TimeProvider clock, HttpContext context, CancellationToken cancellation)
    {
        if (request.Azure is { Scope: null }) { request = request with { Azure = request.Azure with { Scope = customer.Value.AzureScope } }; }
        if (request.Check() is { } invalid) { return invalid; }
        if (await GetServiceAccount.Find(customerId, serviceAccountId, store, cancellation) is not { } account) { return Failures.NotFound("service account"); }
        if (Preconditions.Check(context.Request, account.ETag) is { } refusal) { return refusal; }
        if (RepairPermissions.RefusalOf(account.Value) is { } unfit) { return unfit; }
        if (account.Value.Migration is { IsOpen: true }) { return Failures.MigrationInProgress(MigrationResponse.Link(account.Value)); }

        var after = account.Value with { ApiScopes = request.ApiScopes };
        if (request.Azure is { } wanted)
        {
            var access = wanted.Access(account.Value.Azure);
            if (await Unfit(account.Value, access, customer, store, keeper, cancellation) is { } refused) { return refused; }
            after = after with { Azure = access, LifecycleDueAt = clock.GetUtcNow(), PermissionsDueAt = clock.GetUtcNow() + AuditServiceAccountPermissions.Interval };
        }
        else if (account.Value.Azure is not null) { return Failures.Invalid("/azure", "required", "The account has a service principal. Send an empty list of roles to take them all."); }

        var applied = await engine.Apply(account, after.RecordedAsChanged("serviceAccount.permissionsChanged", account.Value, caller, clock), cancellation);
        return applied.Saved ? GetPermissions.Answer(applied.Account!, customer, keeper, context.Response) : Failures.Stale();
    }

    /// <summary>What stands against giving an account these roles.</summary>
    private static async Task<Problem?> Unfit(ServiceAccount account, AzureAccess access, CustomerInPath customer, ServiceAccountStore store, RoleKeeper keeper, CancellationToken cancellation)
    {
        if (account.Azure is { } before && before.PrincipalId != access.PrincipalId) { return Failures.Invalid("/azure/principalId", "not-allowed", "The account's service principal stays the same."); }
        if (account.Azure?.Scope is { } other && !string.Equals(AzureAccess.SubscriptionOf(other), AzureAccess.SubscriptionOf(access.Scope!), StringComparison.OrdinalIgnoreCase)) { return Failures.Invalid("/azure/scope", "not-allowed", "Another subscription is a migration: POST …/migrate."); }
        var (_, refusal) = await keeper.Judge("/azure", access.Scope!, keeper.Wanted(access, customer.Value.Plan), access.Roles is not null, cancellation);
        return refusal ?? (account.Azure is null ? await store.TakePrincipal(account, access.PrincipalId, cancellation) : null);
    }
}
