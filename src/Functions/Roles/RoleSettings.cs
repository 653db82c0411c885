using System.Text.Json;
using CustomerFunctions.Edge;

namespace CustomerFunctions.Roles;

/// <summary>Which roles service accounts are given in Azure, and which never.</summary>
/// <param name="Templates"><c>Roles__Templates</c>: the roles of each plan, as JSON such as <c>{"basic":["Reader"]}</c>; a plan that is not in it gets none.</param>
/// <param name="Forbidden"><c>Roles__Forbidden</c>: roles that nobody is given, parted by commas. Roles whose holders could give roles are forbidden whatever it says.</param>
internal sealed record RoleSettings(IReadOnlyDictionary<string, IReadOnlyList<string>> Templates, IReadOnlyList<string> Forbidden)
{
    private const string ScopesName = "Roles__ForbiddenScopes";
    private const string ExpectedScopes = "ids of subscriptions, resource groups or resources, parted by commas";
    private const string TemplatesName = "Roles__Templates";
    private const string ExpectedTemplates = "JSON of plans and their roles, such as {\"basic\":[\"Reader\"]}";
    private const string DefaultTemplates = """{"trial":["Reader"],"free":["Reader"],"basic":["Reader"],"professional":["Reader","Monitoring Reader"],"enterprise":["Contributor"]}""";

    /// <summary><c>Roles__ForbiddenScopes</c>: where nobody is given anything: there, below and above.</summary>
    public IReadOnlyList<string> ForbiddenScopes { get; init; } = [];

    /// <summary><c>Roles__WholeSubscriptions</c>: whether roles may be given at a whole subscription; for customers that have one each.</summary>
    public bool WholeSubscriptions { get; init; }

    public RoleBoundary Boundary => new(Forbidden, ForbiddenScopes, WholeSubscriptions);

    public IReadOnlyList<string> Of(string plan) => Templates.GetValueOrDefault(plan) ?? [];

    public static RoleSettings Read(SettingsReader reader)
    {
        IReadOnlyDictionary<string, IReadOnlyList<string>>? templates = null;
        try { templates = JsonSerializer.Deserialize(reader.Text(TemplatesName, DefaultTemplates, expected: ExpectedTemplates), ApiJson.Default.IReadOnlyDictionaryStringIReadOnlyListString); }
        catch (JsonException) { reader.Wrong(TemplatesName, $"must be {ExpectedTemplates}"); }
        return new RoleSettings(
            templates ?? new Dictionary<string, IReadOnlyList<string>>(),
            reader.Text("Roles__Forbidden", "Owner,User Access Administrator,Role Based Access Control Administrator", expected: "names of roles, parted by commas").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            ForbiddenScopes = ReadScopes(reader),
            WholeSubscriptions = reader.Text("Roles__WholeSubscriptions", "false", text => text is "true" or "false", "true or false") == "true",
        };
    }

    private static IReadOnlyList<string> ReadScopes(SettingsReader reader)
    {
        IReadOnlyList<string> scopes = [.. reader.Optional(ScopesName, ExpectedScopes)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(scope => scope.TrimEnd('/')) ?? []];
        if (!scopes.All(scope => AzurePermissionsRequest.RoleScopeForm().IsMatch(scope))) { reader.Wrong(ScopesName, $"must be {ExpectedScopes}"); }
        return scopes;
    }
}
