using CustomerFunctions.Tests.ServiceAccounts;

namespace CustomerFunctions.Tests.Roles;

/// <summary>The roles of a customer's plan, where the customer is in Azure.</summary>
[Collection(nameof(AzureWorld))]
public sealed class PutAzureScopeTests(AzureWorld world)
{
    private readonly App app = world.App;

    [Fact]
    public async Task An_application_gets_the_roles_of_its_customers_plan_there_when_its_account_is_made()
    {
        var (customer, group) = (await Customer(), await world.NewGroup());
        var etag = (await app.Admin.Get(customer + "/azure-scope")).ShouldBe(200).ETag;
        (await app.Admin.Put(customer + "/azure-scope", new { scope = group })).ShouldBeRefused(428, "if-match-required");
        (await app.Admin.Put(customer + "/azure-scope", new { scope = group }, etag)).ShouldBe(200);
        (await app.Admin.Put(customer + "/azure-scope", new { scope = group }, etag)).ShouldBeRefused(412, "stale");

        var account = await RotatedAccount.CreateFor(app, RotatedResource.EntraApplication, customer.Split('/')[^1], "deploy");

        await Eventually.True(async () =>
        {
            await app.Cloud.RunTimer("SettleServiceAccounts");
            return (await app.Admin.Get(account.Path + "/permissions"))["azure"]!["drift"] is not null;
        }, TimeSpan.FromSeconds(60), "its roles are given with it, or by the timer when something did not answer");
        var azure = (await app.Admin.Get(account.Path + "/permissions")).ShouldBe(200)["azure"]!;
        ((string?)azure["scope"], (bool)azure["fromPlan"]!, azure["drift"]!.AsArray().Count).Should().Be((group, true, 0));
        (await world.RolesOf((string)azure["principalId"]!)).Select(role => (role.Role, role.Scope)).Should().Equal(("Reader", group));
        (await app.Admin.Delete(account.Path, "*")).ShouldBe(204);
        (await world.RolesOf((string)azure["principalId"]!)).Should().BeEmpty();
    }

    [Theory]
    [InlineData(RotatedResource.ApiCredential)]
    [InlineData(RotatedResource.StorageAccountKeys)]
    public async Task An_account_that_is_said_to_be_a_principal_gets_the_roles_of_its_customers_plan_when_it_is_made(string kind)
    {
        var (customer, group, principal) = (await Customer(), await world.NewGroup(), await world.NewPrincipal());
        (await app.Admin.Put(customer + "/azure-scope", new { scope = group }, "*")).ShouldBe(200);
        var resourceId = await RotatedResource.Create(app, kind);
        object Body(string name, string principalId) => new { name, kind, resourceId, principalId };

        var created = (await app.Admin.Post(customer + "/service-accounts", Body("deploy", principal))).ShouldBe(201);

        (await world.RolesOf(principal)).Select(role => (role.Role, role.Scope)).Should().Equal(("Reader", group));
        var permissions = (await app.Admin.Get($"{customer}/service-accounts/{created["id"]}/permissions")).ShouldBe(200);
        ((string?)permissions["azure"]!["principalId"], (bool)permissions["azure"]!["fromPlan"]!).Should().Be((principal, true));
        permissions.Object.Should().NotContainKey("nobodyInAzure");
        (await app.Admin.Post(customer + "/service-accounts", new { name = "other", kind = RotatedResource.ApiCredential, principalId = principal })).ShouldBeRefused(409, "principal-taken");
        (await app.Admin.Post(customer + "/service-accounts", Body("malformed", "me"))).ShouldBeRefused(400, "invalid-request", "/principalId");
        (await app.Admin.Delete($"{customer}/service-accounts/{created["id"]}", "*")).ShouldBe(204);
        (await world.RolesOf(principal)).Should().BeEmpty();
    }

    [Fact]
    public async Task An_account_from_before_gets_them_too_unless_it_is_somewhere_already()
    {
        var (customer, group) = (await Customer(), await world.NewGroup());
        var account = await RotatedAccount.CreateFor(app, RotatedResource.EntraApplication, customer.Split('/')[^1], "deploy");
        var principal = (string)(await app.Admin.Get(account.Path + "/permissions"))["azure"]!["principalId"]!;
        (await world.RolesOf(principal)).Should().BeEmpty("its customer is nowhere yet");

        (await app.Admin.Put(customer + "/azure-scope", new { scope = group }, "*")).ShouldBe(200);

        (await world.RolesOf(principal)).Select(role => (role.Role, role.Scope)).Should().Equal(("Reader", group));
        (await app.Admin.Put(customer + "/azure-scope", new { scope = await world.NewGroup() }, "*")).ShouldBe(200);
        (await world.RolesOf(principal)).Select(role => (role.Role, role.Scope)).Should().Equal(("Reader", group));
    }

    [Fact]
    public async Task Only_staff_say_who_an_account_is_and_an_application_is_its_own_principal()
    {
        var customer = await Customer();
        var (key, principalId) = (app.Caller(await app.CreateApiKey(customer.Split('/')[^1])), await world.NewPrincipal());
        (await key.Post(customer + "/service-accounts", new { name = "deploy", kind = RotatedResource.ApiCredential, principalId })).ShouldBeRefused(403, "forbidden");
        (await app.Admin.Post(customer + "/service-accounts", new { name = "deploy", kind = RotatedResource.EntraApplication, resourceId = Guid.NewGuid(), principalId })).ShouldBeRefused(400, "invalid-request", "/principalId");
    }

    [Fact]
    public async Task Permissions_that_name_no_scope_are_at_the_customers()
    {
        var (customer, group) = (await Customer(), await world.NewGroup());
        (await app.Admin.Put(customer + "/azure-scope", new { scope = group }, "*")).ShouldBe(200);
        var (account, principal) = (await RotatedAccount.CreateFor(app, RotatedResource.ApiCredential, customer.Split('/')[^1], "deploy"), await world.NewPrincipal());

        (await app.Admin.Put(account.Path + "/permissions", new { azure = new { principalId = principal } }, "*")).ShouldBe(200);

        (await world.RolesOf(principal)).Select(role => (role.Role, role.Scope)).Should().Equal(("Reader", group));
    }

    [Fact]
    public async Task Only_a_subscription_or_a_resource_group_is_one()
    {
        var customer = await Customer();
        foreach (var scope in new[] { "/", "/subscriptions/x", "/providers/Microsoft.Management/managementGroups/all" }) { (await app.Admin.Put(customer + "/azure-scope", new { scope }, "*")).ShouldBeRefused(400, "invalid-request", "/scope"); }
    }

    private async Task<string> Customer() => "/api/customers/" + (string)(await app.CreateCustomer())["id"]!;
}
