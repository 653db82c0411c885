using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.Roles;

/// <summary>What no service account is ever given, whoever asks and whatever its plan says.</summary>
/// <param name="Roles">Roles by their names; besides those whose holders could give roles.</param>
/// <param name="Scopes">Where nothing is given: neither there, nor below, nor above, from where a role reaches down to it.</param>
/// <param name="WholeSubscriptions">Whether anything is given at a whole subscription.</param>
internal sealed record RoleBoundary(IReadOnlyCollection<string> Roles, IReadOnlyList<string> Scopes, bool WholeSubscriptions)
{
    /// <summary>/subscriptions/{id}</summary>
    private const int SegmentsOfSubscription = 2;

    public bool Forbids(AzureRole role) => RoleRules.IsForbidden(role, Roles);

    /// <summary>Why nothing is given at a scope, for people; null when something may be. Ids are compared segment by segment and without regard to case, as Resource Manager does.</summary>
    public string? RefusalOf(string scope)
    {
        var segments = scope.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (segments.Length < SegmentsOfSubscription || !string.Equals(segments[0], "subscriptions", StringComparison.OrdinalIgnoreCase)) { return "Nothing is ever given above a subscription."; }
        if (segments.Length == SegmentsOfSubscription && !WholeSubscriptions) { return "Nothing is given at a whole subscription, which may be several customers'. Name a resource group."; }
        return Scopes.Any(forbidden => RoleRules.IsWithin(scope, forbidden) || RoleRules.IsWithin(forbidden, scope)) ? "Nothing is ever given there, nor above it." : null;
    }

    /// <summary>Whether a role at a scope is more than anybody is given.</summary>
    public bool IsBeyond(string role, string scope, RoleCatalog catalog) =>
        RefusalOf(scope) is not null || (catalog.Find(role) is { } known ? Forbids(known) : Roles.Contains(role, StringComparer.OrdinalIgnoreCase));
}
