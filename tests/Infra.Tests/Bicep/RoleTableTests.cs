using System.Text;
using System.Text.RegularExpressions;

namespace Infra.Tests.Bicep;

/// <summary>Every role assignment stands in the table of docs/deploy.md; UPDATE_DOCS=1 writes it anew.</summary>
public sealed partial class RoleTableTests
{
    private const string Of = "Microsoft.Authorization/roleAssignments";
    private const string OfCosmos = "Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments";

    [Fact]
    public void The_table_in_the_docs_has_every_role_assignment()
    {
        DocsTable.Hold("deploy.md", "The table is written from the Bicep: UPDATE_DOCS=1 dotnet test tests/Infra.Tests --filter RoleTableTests", "End of the table.", Table());
    }

    [Fact]
    public void No_identity_may_assign_roles_or_manage_anything_in_the_apps_own_group()
    {
        string[] data = ["Key Vault Secrets", "Storage", "Cosmos DB Built-in Data", "Monitoring Metrics Publisher"];
        BicepSource.Json("roles.json").EnumerateObject().Should().OnlyContain(role => data.Any(start => role.Name.StartsWith(start, StringComparison.Ordinal)));
    }

    [Fact]
    public void The_role_for_rotation_reads_and_renews_keys_and_does_nothing_else()
    {
        var actions = Action().Matches(BicepSource.Resources.Single(resource => resource.Symbol == "rotate").Body).Select(match => match.Groups[1].Value).ToList();

        actions.Should().HaveCount(17).And.OnlyContain(action => KeyAction().IsMatch(action));
        actions.Should().NotContain(action => action.Contains('*', StringComparison.Ordinal));
    }

    [Fact]
    public void What_sees_roles_changes_none_and_what_changes_roles_does_nothing_else()
    {
        string[] Of(string symbol) => [.. Action().Matches(BicepSource.Resources.Single(resource => resource.Symbol == symbol).Body).Select(match => match.Groups[1].Value)];

        Of("see").Should().BeEquivalentTo("Microsoft.Authorization/roleAssignments/read", "Microsoft.Authorization/roleDefinitions/read");
        Of("grant").Should().BeEquivalentTo("Microsoft.Authorization/roleAssignments/write", "Microsoft.Authorization/roleAssignments/delete");
    }

    [Fact]
    public void Roles_are_granted_under_a_condition_only()
    {
        var grants = BicepSource.OfType(Of).Where(assignment => assignment.Body.Contains("grantRoleId", StringComparison.Ordinal)).ToList();

        grants.Should().HaveCount(2).And.OnlyContain(grant => grant["condition"] == "grantsOnly(grantableRoles)" && grant["conditionVersion"] == "'2.0'");
    }

    private static string Table()
    {
        var table = new StringBuilder("| who | role | on | for | in |\n|---|---|---|---|---|\n");
        foreach (var assignment in BicepSource.Resources.Where(resource => resource.Type is Of or OfCosmos))
        {
            var who = assignment["principalId"] switch { "developerId" => "developer (dev only)", "appPrincipalId" or "principalId" => "the app", var other => throw new InvalidOperationException($"Who is {other}?") };
            var purpose = assignment["description"]?.Trim('\'').Replace("\\'", "'", StringComparison.Ordinal) ?? (who == "the app" ? "Reads and writes documents" : "Reads documents, in development only");
            table.Append(System.Globalization.CultureInfo.InvariantCulture, $"| {who} | {Role(assignment)} | {Scope(assignment)} | {purpose} | `{assignment.File}` |\n");
        }
        return table.ToString();
    }

    private static string Role(BicepResource assignment) => assignment["roleDefinitionId"] switch
    {
        "rotateRoleId" => "*CustomerFunctions rotation* (`rotation-role.bicep`)",
        "see.id" => "*CustomerFunctions sight* (`rotation-role.bicep`)",
        "grantRoleId" => "*CustomerFunctions grants* (`rotation-role.bicep`), under a condition",
        var id when KnownRole().Match(id!) is { Success: true } role && BicepSource.Json("roles.json").TryGetProperty(role.Groups[1].Value, out _) => role.Groups[1].Value,
        var id => throw new InvalidOperationException($"Which role is {id}?"),
    };

    private static string Scope(BicepResource assignment)
    {
        if (assignment.Type == OfCosmos) { return assignment["scope"] == "'${account.id}/dbs/${account::database.name}'" ? "the Cosmos DB database" : throw new InvalidOperationException("A wider scope than the database."); }
        return (assignment.File, assignment["scope"]) switch
        {
            ("modules/rotation-in-subscription.bicep" or "rotation-role.bicep", null) => "a subscription with resources to rotate",
            ("modules/rotation-in-group.bicep", null) => "a resource group with resources to rotate",
            (_, null) => throw new InvalidOperationException($"{assignment.Symbol} has the whole resource group for its scope."),
            (_, "account::tables::audit") => "the audit log's table",
            (_, "account::tables::access") => "the access log's table",
            (_, "account") => "the Functions host's storage account",
            (_, "vault") => "the Key Vault",
            (_, "insights") => "Application Insights",
            (_, var other) => throw new InvalidOperationException($"What is {other}?"),
        };
    }

    [GeneratedRegex(@"roles\['([^']+)'\]")]
    private static partial Regex KnownRole();

    [GeneratedRegex(@"'(Microsoft\.[^']+)'")]
    private static partial Regex Action();

    [GeneratedRegex(@"^Microsoft\.Authorization/permissions/read$|^Microsoft\.(Storage/storageAccounts|DocumentDB/databaseAccounts|(ServiceBus|EventHub)/namespaces/authorizationRules)/(read|listKeys/action|regenerateKeys?/action)$|^Microsoft\.(ServiceBus|EventHub)/namespaces/read$|^Microsoft\.DocumentDB/(databaseAccounts/operationResults|locations/operationsStatus)/read$")]
    private static partial Regex KeyAction();
}
