using CustomerFunctions.Tests.ServiceAccounts;

namespace CustomerFunctions.Tests.Roles;

/// <summary>A restored account has what it had: to the condition, and as far as that can still be given.</summary>
[Collection(nameof(AzureWorld))]
public sealed class RestoredRolesTests(AzureWorld world) : IAsyncLifetime
{
    private const string Version = "?api-version=2022-04-01";
    private readonly App app = world.App;

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => app.MayEverything();

    [Fact]
    public async Task A_conditional_role_comes_back_with_its_condition_and_all_that_was_said_of_it()
    {
        var made = await world.NewAccount("Reader");
        var assignment = $"{await world.NewGroup()}/providers/Microsoft.Authorization/roleAssignments/{Guid.NewGuid()}";
        var role = (string)(await app.Arm(HttpMethod.Get, $"{AzureWorld.Subscription}/providers/Microsoft.Authorization/roleDefinitions{Version}&$filter=roleName%20eq%20'Storage%20Blob%20Data%20Reader'"))["value"]![0]!["id"]!;
        await app.Arm(HttpMethod.Put, assignment + Version, new
        {
            properties = new
            {
                roleDefinitionId = role,
                principalId = made.Principal,
                principalType = "ServicePrincipal",
                condition = "@Resource[Microsoft.Storage/storageAccounts/blobServices/containers:name] StringEquals 'logs'",
                conditionVersion = "2.0",
                description = "Logs only",
                delegatedManagedIdentityResourceId = $"{made.Group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/reader",
            },
        });
        var before = await Said(assignment);

        (await app.Admin.Post(made.Account.Path + "/suspend", new { reason = "tests" })).ShouldBe(200);
        (await world.RolesOf(made.Principal)).Should().BeEmpty();
        ((string?)(await app.Admin.Post(made.Account.Path + "/restore")).ShouldBe(200)["state"]).Should().Be("active");

        (await Said(assignment)).Should().Be(before);
    }

    [Fact]
    public async Task What_can_be_given_no_more_is_named_and_keeps_nothing_else_back()
    {
        var made = await world.NewAccountOf(RotatedResource.StorageAccountKeys, "Reader");
        var (resource, forbidden, custom) = (await RotatedResource.Create(app, RotatedResource.StorageAccountKeys), await world.NewGroup(), $"{AzureWorld.Subscription}/providers/Microsoft.Authorization/roleDefinitions/{Guid.NewGuid()}{Version}");
        var name = "Reads " + Guid.NewGuid();
        await app.Arm(HttpMethod.Put, custom, new { properties = new { roleName = name, permissions = new[] { new { actions = new[] { "*/read" } } }, assignableScopes = new[] { AzureWorld.Subscription } } });
        await world.Give(made.Principal, "Monitoring Reader", resource!);
        await world.Give(made.Principal, name, made.Group);
        await world.Give(made.Principal, "Monitoring Reader", forbidden);
        var before = await made.Account.Current();
        (await app.Admin.Post(made.Account.Path + "/suspend", new { reason = "tests" })).ShouldBe(200);
        await app.Arm(HttpMethod.Delete, $"{resource}?api-version=2023-05-01");
        await app.Arm(HttpMethod.Delete, custom);
        await app.May(forbidden, ["*"], "Microsoft.Authorization/roleAssignments/write");

        var restored = (await app.Admin.Post(made.Account.Path + "/restore")).ShouldBe(200);

        ((string?)restored["state"]).Should().Be("active", restored.Body);
        restored["rolesLost"]!.AsArray().Select(role => (string?)role!["scope"]).Should().BeEquivalentTo(resource, made.Group, forbidden);
        (await world.RolesOf(made.Principal)).Select(role => (role.Role, role.Scope)).Should().Equal(("Reader", made.Group));
        (await world.IsEnabled(made.Principal)).Should().BeTrue();
        (await made.Account.Current()).Should().Be(before, "its secret is open");
        (await Lost(made)).Should().ContainSingle().Which.Should().Contain($"Monitoring Reader at {forbidden}");
        (await app.Admin.Post(made.Permissions + "/repair")).ShouldBe(200);
        (await made.Account.Get()).Should().NotContainKey("rolesLost", "somebody has seen it");
    }

    [Fact]
    public async Task What_an_account_should_have_besides_and_cannot_get_does_not_keep_it_from_being_restored()
    {
        var made = await world.NewAccount(roles: null);
        (await app.Admin.Post(made.Account.Path + "/suspend", new { reason = "tests" })).ShouldBe(200);
        (await app.Admin.Post($"/api/customers/{made.Account.CustomerId}/subscription/change", new { planId = "professional", start = "now" })).ShouldBe(200);
        await app.May(made.Group, ["*"], "Microsoft.Authorization/roleAssignments/write");

        var restored = (await app.Admin.Post(made.Account.Path + "/restore")).ShouldBe(200);

        ((string?)restored["state"], (string?)restored["lifecycleFailure"]).Should().Be(("active", "Azure Resource Manager answered 403 AuthorizationFailed."));
        (await world.IsEnabled(made.Principal)).Should().BeTrue();
        var settled = (await app.Admin.Put(made.Permissions, new { azure = new { principalId = made.Principal, scope = made.Group, roles = Array.Empty<object>() } }, "*")).ShouldBe(200);
        ((string?)settled["state"], (string?)settled["azure"]!["failure"]).Should().Be(("active", null), "staff have a way out");
    }

    private async Task<string> Said(string assignment)
    {
        var properties = (await app.Arm(HttpMethod.Get, assignment + Version))["properties"]!.AsObject();
        properties.Remove("createdOn");
        properties.Remove("updatedOn");
        return properties.ToJsonString();
    }

    private async Task<IReadOnlyList<string>> Lost(RoleAccount made)
    {
        await app.Cloud.RunTimer("WriteAuditEvents");
        return [.. (await app.Admin.Get($"/api/customers/{made.Account.CustomerId}/audit-log?maxpagesize=100")).ShouldBe(200)["value"]!.AsArray().Where(one => (string?)one!["action"] == "serviceAccount.rolesLost").Select(one => (string)one!["metadata"]!["roles"]!)];
    }
}
