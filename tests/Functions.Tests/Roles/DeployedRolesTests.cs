namespace CustomerFunctions.Tests.Roles;

/// <summary>The roles that <c>rotation-role.bicep</c> gives the app when it is confined to a resource group suffice for everything that it does with service accounts' roles.</summary>
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
}
