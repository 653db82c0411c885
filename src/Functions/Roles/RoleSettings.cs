using CustomerFunctions.Plans;

namespace CustomerFunctions.Roles;

/// <summary>Which roles service accounts are given in Azure, and which never.</summary>
/// <param name="Templates">The roles of each plan, as the plans have them.</param>
/// <param name="Forbidden"><c>Roles__Forbidden</c>: roles that nobody is given, parted by commas. Roles whose holders could give roles are forbidden whatever it says; one that a plan gives is refused.</param>
internal sealed record RoleSettings(IReadOnlyDictionary<string, IReadOnlyList<string>> Templates, IReadOnlyList<string> Forbidden)
{
    private const string ForbiddenName = "Roles__Forbidden";
    private const string ScopesName = "Roles__ForbiddenScopes";
    private const string ExpectedScopes = "ids of subscriptions, resource groups or resources, parted by commas";

    /// <summary><c>Roles__ForbiddenScopes</c>: where nobody is given anything: there, below and above.</summary>
    public IReadOnlyList<string> ForbiddenScopes { get; init; } = [];

    /// <summary><c>Roles__WholeSubscriptions</c>: whether roles may be given at a whole subscription; for customers that have one each.</summary>
    public bool WholeSubscriptions { get; init; }

    public RoleBoundary Boundary => new(Forbidden, ForbiddenScopes, WholeSubscriptions);

    /// <summary>None for a plan that nobody knows.</summary>
    public IReadOnlyList<string> Of(string plan) => Templates.GetValueOrDefault(plan) ?? [];

    public static RoleSettings Read(SettingsReader reader) => new(PlanCatalogue.Current.Plans.ToDictionary(plan => plan.Name, plan => plan.RoleTemplate), ReadForbidden(reader))
    {
        ForbiddenScopes = ReadScopes(reader),
        WholeSubscriptions = reader.Text("Roles__WholeSubscriptions", "false", text => text is "true" or "false", "true or false") == "true",
    };

    private static string[] ReadForbidden(SettingsReader reader)
    {
        var forbidden = reader.Text(ForbiddenName, "Owner,User Access Administrator,Role Based Access Control Administrator", expected: "names of roles, parted by commas")
            .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var wrong = from plan in PlanCatalogue.Current.Plans
                    from role in plan.RoleTemplate.Intersect(forbidden, StringComparer.OrdinalIgnoreCase)
                    select $"may not name '{role}', which the plan '{plan.Name}' gives";
        foreach (var line in wrong) { reader.Wrong(ForbiddenName, line); }
        return forbidden;
    }

    private static IReadOnlyList<string> ReadScopes(SettingsReader reader)
    {
        IReadOnlyList<string> scopes = [.. reader.Optional(ScopesName, ExpectedScopes)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(scope => scope.TrimEnd('/')) ?? []];
        if (!scopes.All(scope => AzurePermissionsRequest.RoleScopeForm().IsMatch(scope))) { reader.Wrong(ScopesName, $"must be {ExpectedScopes}"); }
        return scopes;
    }
}
