using CustomerFunctions.Roles;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.Tests.Roles;

/// <summary>What is never given, wherever and whatever it is called.</summary>
public sealed class RoleBoundaryTests
{
    private const string Platform = "/subscriptions/a/resourceGroups/platform";
    private static readonly RoleCatalog Catalog = new([new AzureRole("/1", "Reader", ["*/read"], []), new AzureRole("/2", "Owner", ["*"], [])]);

    [Theory]
    [InlineData(Platform, true)]
    [InlineData("/SUBSCRIPTIONS/A/resourcegroups/PLATFORM", true)]
    [InlineData(Platform + "/", true)]
    [InlineData(Platform + "/providers/Microsoft.KeyVault/vaults/kv", true)]
    [InlineData("/subscriptions/a", true)]
    [InlineData("/", true)]
    [InlineData("", true)]
    [InlineData("/providers/Microsoft.Management/managementGroups/all", true)]
    [InlineData("/subscriptions/a/resourceGroups/platform2", false)]
    [InlineData("/subscriptions/a/resourceGroups/plat", false)]
    [InlineData("/subscriptions/ab/resourceGroups/platform", false)]
    [InlineData("/subscriptions/b", false)]
    [InlineData("/subscriptions/b/resourceGroups/platform", false)]
    public void Nothing_is_given_at_a_forbidden_scope_nor_below_nor_above_it(string scope, bool isForbidden) =>
        (new RoleBoundary([], [Platform], WholeSubscriptions: true).RefusalOf(scope) is not null).Should().Be(isForbidden);

    [Theory]
    [InlineData("/subscriptions/b", true)]
    [InlineData("/Subscriptions/B/", true)]
    [InlineData("/subscriptions/b/resourceGroups/customer", false)]
    [InlineData("/subscriptions/b/resourceGroups/customer/providers/Microsoft.Storage/storageAccounts/one", false)]
    public void Nothing_is_given_at_a_whole_subscription_unless_that_is_allowed(string scope, bool isWhole)
    {
        (new RoleBoundary([], [], WholeSubscriptions: false).RefusalOf(scope) is not null).Should().Be(isWhole);
        new RoleBoundary([], [], WholeSubscriptions: true).RefusalOf(scope).Should().BeNull();
    }

    [Theory]
    [InlineData("Reader", "/subscriptions/a/resourceGroups/customer", null)]
    [InlineData("Reader", Platform, DriftKind.Wider)]
    [InlineData("Reader", "/subscriptions/a", DriftKind.Wider)]
    [InlineData("Owner", "/subscriptions/a/resourceGroups/customer", DriftKind.Wider)]
    [InlineData("Monitoring Reader", "/subscriptions/a/resourceGroups/customer", DriftKind.Wider)]
    public void What_is_held_beyond_the_boundary_is_drift_also_when_somebody_has_asked_for_it(string role, string scope, DriftKind? expected)
    {
        var boundary = new RoleBoundary(["Monitoring Reader"], [Platform], WholeSubscriptions: true);

        var drift = RoleRules.Between([new WantedRole(role, scope)], [new HeldRole(role, scope, "/assignment")], ["/subscriptions/a"], Catalog, boundary);

        drift.Select(one => (DriftKind?)one.Kind).SingleOrDefault().Should().Be(expected);
        RoleRules.Between([new WantedRole(role, scope)], [], ["/subscriptions/a"], Catalog, boundary).Should().HaveCount(expected is null ? 1 : 0, "what is beyond it is not missing");
    }

    [Theory]
    [InlineData("*", "Microsoft.Storage/storageAccounts/regenerateKey/action", true)]
    [InlineData("Microsoft.Storage/storageAccounts/REGENERATEKEY/action", "Microsoft.Storage/storageAccounts/regenerateKey/action", true)]
    [InlineData("Microsoft.Storage/*/action", "Microsoft.Storage/storageAccounts/regenerateKey/action", true)]
    [InlineData("*/action", "Microsoft.Storage/storageAccounts/regenerateKey/action", true)]
    [InlineData("*/read", "Microsoft.Storage/storageAccounts/regenerateKey/action", false)]
    [InlineData("Microsoft.Storage/storageAccounts/regenerateKey", "Microsoft.Storage/storageAccounts/regenerateKey/action", false)]
    public void An_action_is_allowed_by_a_pattern_unless_the_same_permission_takes_it_back(string pattern, string action, bool allows)
    {
        ActionPattern.Allow([new PermittedActions([pattern], [])], action).Should().Be(allows);
        ActionPattern.Allow([new PermittedActions([pattern], [action])], action).Should().BeFalse();
        ActionPattern.Allow([new PermittedActions([pattern], [action]), new PermittedActions([action], [])], action).Should().BeTrue("another permission gives it");
    }
}
