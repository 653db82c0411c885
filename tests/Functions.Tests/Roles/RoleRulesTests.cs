using CustomerFunctions.Roles;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.Tests.Roles;

/// <summary>What is never given, whatever it is called.</summary>
public sealed class RoleRulesTests
{
    [Theory]
    [InlineData("*", null, true)]
    [InlineData("*", "Microsoft.Authorization/*/Write", false)]
    [InlineData("*", "Microsoft.Authorization/*/Delete", true)]
    [InlineData("Microsoft.Authorization/*", null, true)]
    [InlineData("microsoft.authorization/roleassignments/WRITE", null, true)]
    [InlineData("*/write", null, true)]
    [InlineData("Microsoft.*/role*/w*", null, true)]
    [InlineData("*/read", null, false)]
    [InlineData("Microsoft.Storage/*", null, false)]
    [InlineData("Microsoft.Authorization/roleDefinitions/write", null, false)]
    [InlineData("Microsoft.Authorization/roleAssignments/write/x*", null, false)]
    public void A_role_whose_holder_could_give_roles_is_forbidden(string action, string? notAction, bool isForbidden) =>
        RoleRules.IsForbidden(new AzureRole("/x", "Some Role", [action], notAction is null ? [] : [notAction]), []).Should().Be(isForbidden);

    [Theory]
    [InlineData("/subscriptions/a", "/subscriptions/a", true)]
    [InlineData("/subscriptions/A/resourceGroups/b", "/subscriptions/a", true)]
    [InlineData("/subscriptions/ab", "/subscriptions/a", false)]
    [InlineData("/subscriptions/a", "/subscriptions/a/resourceGroups/b", false)]
    [InlineData("/", "/subscriptions/a", false)]
    public void A_scope_is_within_itself_and_what_it_lies_below(string scope, string outer, bool isWithin) => RoleRules.IsWithin(scope, outer).Should().Be(isWithin);
}
