namespace CustomerFunctions.Tests.Roles;

/// <summary>What the app may do with service accounts' roles, as <c>rotation-role.bicep</c> lets it: within a resource group everything, and outside of it nothing but see.</summary>
[Collection(nameof(AzureWorld))]
public sealed class DeployedRolesTests(AzureWorld world) : IAsyncLifetime
{
    private readonly App app = world.App;

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => app.MayEverything();

    [Fact]
    public async Task At_a_resource_group_they_suffice_to_give_check_repair_suspend_and_delete()
    {
        const string Subscription = AzureWorld.OtherSubscription;
        var (group, principal, account) = (await world.NewGroup(Subscription), await world.NewPrincipal(), await ServiceAccounts.RotatedAccount.Create(app, ServiceAccounts.RotatedAccount.ApiCredential));
        var permissions = account.Path + "/permissions";
        // What instances remember of the subscription's roles is too old by then.
        await app.Cloud.Advance(TimeSpan.FromHours(2));
        await app.May(Subscription, DeployedRole.Actions("see"));
        await app.May(group, DeployedRole.Actions("see").Concat(DeployedRole.Actions("grant")));

        (await app.Admin.Put(permissions, new { azure = new { principalId = principal, scope = group, roles = new[] { new { role = "Reader" }, new { role = "Monitoring Reader" } } } }, "*")).ShouldBe(200);
        var given = await world.RolesOf(principal, Subscription);
        given.Select(role => role.Role).Should().BeEquivalentTo("Reader", "Monitoring Reader");

        await world.Take(group, given[0].Name);
        (await app.Admin.Post(permissions + "/verify")).ShouldBe(200)["azure"]!["drift"]!.AsArray().Should().ContainSingle();
        (await app.Admin.Post(permissions + "/repair")).ShouldBe(200)["azure"]!["drift"]!.AsArray().Should().BeEmpty();
        ((string?)(await app.Admin.Post(account.Path + "/suspend", new { reason = "tests" })).ShouldBe(200)["state"]).Should().Be("suspended");
        (await world.RolesOf(principal, Subscription)).Should().BeEmpty();
        ((string?)(await app.Admin.Post(account.Path + "/restore")).ShouldBe(200)["state"]).Should().Be("active");
        (await world.RolesOf(principal, Subscription)).Should().BeEquivalentTo(given);
        (await app.Admin.Delete(account.Path, "*")).ShouldBe(204);
        (await world.RolesOf(principal, Subscription)).Should().BeEmpty();
    }

    [Fact]
    public async Task A_role_that_the_app_may_not_take_is_left_and_named_and_nothing_waits_for_it()
    {
        var (made, elsewhere) = (await world.NewAccount("Reader"), await world.NewGroup());
        await world.Give(made.Principal, "Storage Blob Data Reader", elsewhere);
        await world.Give(made.Principal, "Monitoring Reader", made.Group);
        var before = await world.RolesOf(made.Principal);
        await app.May(elsewhere, ["*"], "Microsoft.Authorization/roleAssignments/write", "Microsoft.Authorization/roleAssignments/delete");
        var left = before.Single(role => role.Scope == elsewhere);

        var suspended = (await app.Admin.Post(made.Account.Path + "/suspend", new { reason = "tests" })).ShouldBe(200);

        ((string?)suspended["state"]).Should().Be("suspended");
        suspended["rolesLeft"]!.AsArray().Select(role => ((string?)role!["role"], (string?)role["scope"])).Should().Equal((left.Role, left.Scope));
        (await world.RolesOf(made.Principal)).Should().Equal(left);
        (await world.IsEnabled(made.Principal)).Should().BeFalse();
        var restored = (await app.Admin.Post(made.Account.Path + "/restore")).ShouldBe(200);
        ((string?)restored["state"]).Should().Be("active");
        restored.Object.Should().NotContainKey("rolesLeft");
        (await world.RolesOf(made.Principal)).Should().Equal(before);
        (await app.Admin.Post(made.Permissions + "/repair")).ShouldBe(200)["azure"]!["drift"]!.AsArray().Select(drift => (string?)drift!["assignmentId"]).Should().ContainSingle().Which.Should().EndWith(left.Name);
        (await app.Admin.Delete(made.Account.Path, "*")).ShouldBe(204);
        using var secret = await app.Azure.SendAsync(app.ToVault(HttpMethod.Get, $"/secrets/{made.Account.SecretName}/"));
        ((int)secret.StatusCode).Should().Be(404);
        (await world.RolesOf(made.Principal)).Should().Equal(left);
        await app.Cloud.RunTimer("WriteAuditEvents");
        (await app.Admin.Get($"/api/customers/{made.Account.CustomerId}/audit-log?maxpagesize=100")).ShouldBe(200)["value"]!.AsArray()
            .Where(one => (string?)one!["action"] == "serviceAccount.rolesLeft").Select(one => (string?)one!["metadata"]!["roles"]).Should().Equal($"{left.Role} at {elsewhere}", $"{left.Role} at {elsewhere}");
    }
}
