namespace CustomerFunctions.Tests.Roles;

[Collection(nameof(AzureWorld))]
public sealed class PutPermissionsTests(AzureWorld world)
{
    private readonly App app = world.App;

    [Fact]
    public async Task Roles_that_are_asked_for_are_given_and_those_that_are_no_longer_asked_for_are_taken()
    {
        var made = await world.NewAccount("Reader", "Monitoring Reader");
        (await world.RolesOf(made.Principal)).Select(role => (role.Role, role.Scope)).Should().BeEquivalentTo([("Reader", made.Group), ("Monitoring Reader", made.Group)]);

        var body = new { azure = new { principalId = made.Principal, scope = made.Group, roles = new[] { new { role = "Reader" }, new { role = "Contributor" } } } };
        var changed = (await app.Admin.Put(made.Permissions, body, (await app.Admin.Get(made.Permissions)).ETag)).ShouldBe(200);

        (await world.RolesOf(made.Principal)).Select(role => role.Role).Should().BeEquivalentTo(["Reader", "Contributor"]);
        changed["azure"]!["drift"]!.AsArray().Should().BeEmpty();
        (await app.Admin.Put(made.Permissions, body)).ShouldBeRefused(428, "if-match-required");
        (await app.Admin.Put(made.Permissions, body, "\"stale\"")).ShouldBeRefused(412, "stale");
    }

    [Fact]
    public async Task Nothing_beyond_the_boundary_is_ever_given()
    {
        var made = await world.NewAccount("Reader");
        var custom = $"{AzureWorld.Subscription}/providers/Microsoft.Authorization/roleDefinitions/{Guid.NewGuid()}";
        var name = "Helper " + Guid.NewGuid().ToString("N")[..8];
        await app.Arm(HttpMethod.Put, custom + "?api-version=2022-04-01", new { properties = new { roleName = name, assignableScopes = new[] { AzureWorld.Subscription }, permissions = new[] { new { actions = new[] { "Microsoft.Auth*/role*/write" } } } } });
        await app.Cloud.Advance(TimeSpan.FromHours(1));
        async Task Refused(string field, string role, string? scope = null) => (await app.Admin.Put(made.Permissions, new { azure = new { principalId = made.Principal, scope = made.Group, roles = new[] { new { role, scope } } } }, "*")).ShouldBeRefused(400, "invalid-request", field);

        foreach (var role in new[] { "Owner", "owner", "User Access Administrator", "Role Based Access Control Administrator", name, "No Such Role" }) { await Refused("/azure/roles/0/role", role); }
        foreach (var scope in new[] { await world.NewGroup(), made.Group + "x" }) { await Refused("/azure/roles/0/scope", "Reader", scope); }

        (await world.RolesOf(made.Principal)).Select(role => (role.Role, role.Scope)).Should().Equal(("Reader", made.Group));
    }

    [Theory]
    [InlineData("""{"azure":{"principalId":"me","scope":"/subscriptions/44444444-4444-4444-4444-444444444444"}}""", "/azure/principalId")]
    [InlineData("""{"azure":{"principalId":"0b1f6471-1bf0-4dda-aec3-111122223333","scope":"/"}}""", "/azure/scope")]
    [InlineData("""{"azure":{"principalId":"0b1f6471-1bf0-4dda-aec3-111122223333","scope":"/providers/Microsoft.Management/managementGroups/all"}}""", "/azure/scope")]
    [InlineData("""{"azure":{"principalId":"0b1f6471-1bf0-4dda-aec3-111122223333","scope":"/subscriptions/00000000-0000-0000-0000-000000000001"}}""", "/azure/scope")]
    [InlineData("""{"azure":{"principalId":"0b1f6471-1bf0-4dda-aec3-111122223333","scope":"/subscriptions/00000000-0000-0000-0000-000000000001","roles":[null]}}""", "/azure/roles/0")]
    [InlineData("""{"apiScopes":[]}""", "/apiScopes")]
    [InlineData("""{"apiScopes":["customers.delete"]}""", "/apiScopes/0")]
    public async Task What_makes_no_sense_is_refused_field_by_field(string body, string field)
    {
        var account = await ServiceAccounts.RotatedAccount.Create(app, ServiceAccounts.RotatedAccount.ApiCredential);
        (await app.Admin.Put(account.Path + "/permissions", body, "*")).ShouldBeRefused(400, "invalid-request", field);
    }

    [Fact]
    public async Task A_service_principal_is_one_accounts_until_that_is_deleted()
    {
        var made = await world.NewAccount("Reader");
        var other = await ServiceAccounts.RotatedAccount.Create(app, ServiceAccounts.RotatedAccount.ApiCredential);
        var body = new { azure = new { principalId = made.Principal, scope = made.Group, roles = Array.Empty<object>() } };
        (await app.Admin.Put(other.Path + "/permissions", body, "*")).ShouldBeRefused(409, "principal-taken");
        (await world.RolesOf(made.Principal)).Should().ContainSingle();

        (await app.Admin.Delete(made.Account.Path, "*")).ShouldBe(204);

        (await world.RolesOf(made.Principal)).Should().BeEmpty("a deleted account's roles are taken");
        (await app.Admin.Put(other.Path + "/permissions", body, "*")).ShouldBe(200);
    }

    [Fact]
    public async Task A_credential_that_is_confined_to_scopes_is_refused_what_they_do_not_name()
    {
        var account = await ServiceAccounts.RotatedAccount.Create(app, ServiceAccounts.RotatedAccount.ApiCredential);
        var credential = (await account.Current()).Value;
        Api[] instances = [await app.CallerOf(0, credential), await app.CallerOf(1, credential)];
        var list = $"/api/customers/{account.CustomerId}/service-accounts";
        foreach (var instance in instances) { (await instance.Get(list)).ShouldBe(200); }

        (await app.Admin.Put(account.Path + "/permissions", new { apiScopes = new[] { "customers.read" } }, "*")).ShouldBe(200);

        foreach (var instance in instances)
        {
            await Eventually.True(async () => (await instance.Get(list)).Status == 403, TimeSpan.FromSeconds(15), "the instance has forgotten what it was");
            (await instance.Get(list)).ShouldBeRefused(403, "scope-missing");
            (await instance.Get($"/api/customers/{account.CustomerId}")).ShouldBe(200);
        }
    }
}
