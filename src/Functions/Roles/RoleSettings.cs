using System.Text.Json;
using CustomerFunctions.Edge;

namespace CustomerFunctions.Roles;

/// <summary>Which roles service accounts are given in Azure, and which never.</summary>
/// <param name="Templates"><c>Roles__Templates</c>: the roles of each plan, as JSON such as <c>{"basic":["Reader"]}</c>; a plan that is not in it gets none.</param>
/// <param name="Forbidden"><c>Roles__Forbidden</c>: roles that nobody is given, parted by commas. Roles whose holders could give roles are forbidden whatever it says.</param>
internal sealed record RoleSettings(IReadOnlyDictionary<string, IReadOnlyList<string>> Templates, IReadOnlyList<string> Forbidden)
{
    private const string TemplatesName = "Roles__Templates";
    private const string ExpectedTemplates = "JSON of plans and their roles, such as {\"basic\":[\"Reader\"]}";
    private const string DefaultTemplates = """{"trial":["Reader"],"free":["Reader"],"basic":["Reader"],"professional":["Reader","Monitoring Reader"],"enterprise":["Contributor"]}""";

    public IReadOnlyList<string> Of(string plan) => Templates.GetValueOrDefault(plan) ?? [];

    public static RoleSettings Read(SettingsReader reader)
    {
        IReadOnlyDictionary<string, IReadOnlyList<string>>? templates = null;
        try { templates = JsonSerializer.Deserialize(reader.Text(TemplatesName, DefaultTemplates, expected: ExpectedTemplates), ApiJson.Default.IReadOnlyDictionaryStringIReadOnlyListString); }
        catch (JsonException) { reader.Wrong(TemplatesName, $"must be {ExpectedTemplates}"); }
        return new RoleSettings(
            templates ?? new Dictionary<string, IReadOnlyList<string>>(),
            reader.Text("Roles__Forbidden", "Owner,User Access Administrator,Role Based Access Control Administrator", expected: "names of roles, parted by commas").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
    }
}
