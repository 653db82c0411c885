using System.Security.Cryptography;
using System.Text;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.Roles;

/// <summary>The roles of a subscription, by name and by id.</summary>
internal sealed class RoleCatalog
{
    private readonly Dictionary<string, AzureRole> byName;
    private readonly Dictionary<string, AzureRole> byId;

    public RoleCatalog(IReadOnlyList<AzureRole> roles)
    {
        // Azure's own names are unique; a custom role of the same name in another folder of the tenant would hide none of them.
        byName = roles.DistinctBy(role => role.Name, StringComparer.OrdinalIgnoreCase).ToDictionary(role => role.Name, StringComparer.OrdinalIgnoreCase);
        byId = roles.DistinctBy(role => KeyOf(role.Id)).ToDictionary(role => KeyOf(role.Id));
    }

    public AzureRole? Find(string name) => byName.GetValueOrDefault(name);

    /// <summary>The role of a definition's id, in whichever of its forms: with the subscription in it or without.</summary>
    public AzureRole? OfId(string definitionId) => byId.GetValueOrDefault(KeyOf(definitionId));

    private static string KeyOf(string definitionId) => definitionId[(definitionId.LastIndexOf('/') + 1)..].ToLowerInvariant();
}

/// <summary>What may be given, and what differs from what should be, as pure functions.</summary>
internal static class RoleRules
{
    /// <summary>Whoever may do this gives himself everything else; no role that allows it is ever given.</summary>
    private const string GivingRoles = "Microsoft.Authorization/roleAssignments/write";

    /// <summary>Whether a role is beyond what this app gives to anybody: by its name, or because its holder could give roles.</summary>
    public static bool IsForbidden(AzureRole role, IReadOnlyCollection<string> forbidden) => forbidden.Contains(role.Name, StringComparer.OrdinalIgnoreCase) || MayGiveRoles(role);

    /// <summary>Finds what is wrong with roles that are asked for.</summary>
    /// <param name="checks">Takes what is wrong.</param>
    /// <param name="pointer">What has the members <c>scope</c> and <c>roles</c>.</param>
    /// <param name="wanted">The roles.</param>
    /// <param name="scope">Outside of it nothing is given.</param>
    /// <param name="areAsked">Whether they are the request's own; else they are the plan's, and all at the scope.</param>
    /// <param name="catalog">The roles of the subscription.</param>
    /// <param name="boundary">What is never given.</param>
    public static void Check(Checks checks, string pointer, IReadOnlyList<WantedRole> wanted, string scope, bool areAsked, RoleCatalog catalog, RoleBoundary boundary)
    {
        if (!areAsked && boundary.RefusalOf(scope) is { } nowhere) { checks.Add($"{pointer}/scope", "not-allowed", nowhere); }
        for (var i = 0; i < wanted.Count; i++)
        {
            if (catalog.Find(wanted[i].Role) is not { } role) { checks.Add($"{pointer}/roles/{i}/role", "unknown-value", "The subscription has no role of this name."); }
            else if (boundary.Forbids(role)) { checks.Add($"{pointer}/roles/{i}/role", "not-allowed", "A service account is never given this role."); }
            if (!IsWithin(wanted[i].Scope, scope)) { checks.Add($"{pointer}/roles/{i}/scope", "not-allowed", "Nothing is given outside of the account's own scope."); }
            else if (areAsked && boundary.RefusalOf(wanted[i].Scope) is { } never) { checks.Add($"{pointer}/roles/{i}/scope", "not-allowed", never); }
        }
    }

    public static IReadOnlyList<HeldRole> Held(IReadOnlyList<RoleGrant> grants, RoleCatalog catalog) =>
        [.. grants.Select(grant => new HeldRole(catalog.OfId(grant.RoleDefinitionId)?.Name ?? grant.RoleDefinitionId, grant.Scope, grant.AssignmentId))];

    /// <summary>What is missing first, then what is there and should not be. What is beyond the boundary should not be there, whoever has asked for it.</summary>
    public static IReadOnlyList<Drift> Between(IReadOnlyList<WantedRole> wanted, IReadOnlyList<HeldRole> held, IReadOnlyList<string> scopes, RoleCatalog catalog, RoleBoundary boundary)
    {
        var given = wanted.Where(role => !boundary.IsBeyond(role.Role, role.Scope, catalog)).ToList();
        return
        [
            .. given.Where(role => !held.Any(other => IsSame(role, other))).Select(role => new Drift(DriftKind.Missing, role.Role, role.Scope)),
            .. held.Where(role => !given.Any(other => IsSame(other, role))).Select(role => new Drift(
                scopes.Any(scope => IsWithin(role.Scope, scope)) && catalog.Find(role.Role) is not null && !boundary.IsBeyond(role.Role, role.Scope, catalog) ? DriftKind.Extra : DriftKind.Wider, role.Role, role.Scope, role.AssignmentId)),
        ];
    }

    /// <summary>An assignment's id that follows from what it gives to whom, so that giving it twice makes one.</summary>
    public static RoleGrant Grant(WantedRole wanted, string principalId, RoleCatalog catalog)
    {
        var role = catalog.Find(wanted.Role) ?? throw new InvalidOperationException($"The role '{wanted.Role}' is gone.");
        var name = new Guid(SHA256.HashData(Encoding.UTF8.GetBytes($"{principalId} {role.Id} {wanted.Scope}".ToLowerInvariant())).AsSpan(0, 16));
        return new RoleGrant($"{wanted.Scope}/providers/Microsoft.Authorization/roleAssignments/{name}", role.Id, wanted.Scope);
    }

    /// <summary>Whether a scope is another, or lies below it.</summary>
    public static bool IsWithin(string scope, string outer) => string.Equals(scope, outer, StringComparison.OrdinalIgnoreCase) || scope.StartsWith(outer + "/", StringComparison.OrdinalIgnoreCase);

    private static bool IsSame(WantedRole wanted, HeldRole held) =>
        string.Equals(wanted.Role, held.Role, StringComparison.OrdinalIgnoreCase) && string.Equals(wanted.Scope, held.Scope, StringComparison.OrdinalIgnoreCase);

    private static bool MayGiveRoles(AzureRole role) => role.Actions.Any(Covers) && !role.NotActions.Any(Covers);

    private static bool Covers(string pattern) => ActionPattern.Covers(pattern, GivingRoles);
}
