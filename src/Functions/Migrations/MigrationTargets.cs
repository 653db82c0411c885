using CustomerFunctions.Edge;
using CustomerFunctions.Roles;
using CustomerFunctions.ServiceAccounts;

namespace CustomerFunctions.Migrations;

/// <summary>Where a migration goes.</summary>
/// <param name="Keys">The resource whose keys are rotated from then on; null when they stay.</param>
/// <param name="Roles">The scope and the roles there; null when the roles stay.</param>
/// <param name="Given">The assignments that would be made.</param>
internal sealed record MigrationTarget(KeyPlace? Keys, RolesAt? Roles, IReadOnlyList<string> Given);

/// <summary>Finds the target of a migration, and what stands against it.</summary>
internal sealed class MigrationTargets(CredentialKinds kinds, RoleKeeper roles)
{
    public async Task<(MigrationTarget? Target, Problem? Refusal)> Find(ServiceAccount account, MigrateRequest request, string plan, CancellationToken cancellation)
    {
        if (Misfit(account, request) is { } misfit) { return (null, misfit); }
        KeyPlace? place = null;
        if (request.ResourceId is { } resourceId)
        {
            var (found, unusable) = await kinds.Of(account).Inspect(resourceId, cancellation);
            if (unusable is not null) { return (null, unusable); }
            place = new KeyPlace(resourceId, found!.DataEndpoint);
        }
        if (request.Scope is not { } scope) { return (new MigrationTarget(place, Roles: null, []), null); }
        var target = new RolesAt(scope, request.Roles is { } wanted ? [.. wanted.Select(role => new WantedRole(role.Role!.Trim(), role.Scope ?? scope))] : MigrationSteps.Rebased(account, scope, place));
        // A subscription has no place like one within a resource group, nor the other way round.
        if (request.Roles is null && target.Roles?.All(role => AzurePermissionsRequest.RoleScopeForm().IsMatch(role.Scope)) == false) { return (null, Failures.Invalid("/roles", "required", "Some of the account's roles have no like place at this scope. Say which roles it is to have there.")); }
        // Within the boundary, as everything that is ever given.
        var given = roles.WantedAt(target, plan);
        var (catalog, refusal) = await roles.Judge("", scope, given, target.Roles is not null, cancellation);
        return refusal is null ? (new MigrationTarget(place, target, [.. given.Select(role => RoleRules.Grant(role, account.Azure!.PrincipalId, catalog!).AssignmentId)]), null) : (null, refusal);
    }

    private Problem? Misfit(ServiceAccount account, MigrateRequest request)
    {
        var kind = kinds.Of(account);
        var checks = new Checks();
        if (account.Azure?.Scope is null && !kind.IsTwoSlot) { return Failures.NothingToMigrate(kind.NeedsResource ? "Its service principal has no roles yet; give it some with PUT …/permissions." : "An API credential is checked by this app alone, and belongs to no subscription. Only the roles of a service principal can move."); }
        if (request.ResourceId is not null && !kind.IsTwoSlot) { checks.Add("/resourceId", "not-allowed", $"The kind {kind.Name} has no keys of a resource in a resource group. Its roles move: send a scope."); }
        else if (string.Equals(request.ResourceId, account.ResourceId, StringComparison.OrdinalIgnoreCase) && request.ResourceId is not null) { checks.Add("/resourceId", "unchanged", "The account's keys are this resource's already."); }
        if (request.Scope is not null && account.Azure?.Scope is null) { checks.Add("/scope", "not-allowed", "The account has no roles that could move."); }
        else if (request.Scope is not null && string.Equals(request.Scope, account.Azure!.Scope, StringComparison.OrdinalIgnoreCase)) { checks.Add("/scope", "unchanged", "The account's scope is this already."); }
        return checks.Refusal;
    }
}
