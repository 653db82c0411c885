using System.Text.Json.Nodes;

namespace CustomerFunctions.Tests.Roles;

/// <summary>Where nobody is given anything (<c>Roles__ForbiddenScopes</c>, and whole subscriptions), through the front door.</summary>
[Collection(nameof(AzureWorld))]
public sealed class BoundaryTests(AzureWorld world)
{
    private readonly App app = world.App;

    [Fact]
    public async Task No_permissions_customers_scope_or_migration_reaches_a_forbidden_scope()
    {
        var made = await world.NewAccount("Reader");
        async Task Refused(string field, object azure) => (await app.Admin.Put(made.Permissions, new { azure }, "*")).ShouldBeRefused(400, "invalid-request", field);
        object At(string scope, params object[]? roles) => new { principalId = made.Principal, scope, roles };

        foreach (var scope in new[] { AzureWorld.Platform, AzureWorld.Platform.ToUpperInvariant().Replace("/SUBSCRIPTIONS", "/subscriptions", StringComparison.Ordinal).Replace("/RESOURCEGROUPS", "/resourceGroups", StringComparison.Ordinal), AzureWorld.Platform + "/providers/Microsoft.KeyVault/vaults/kv", AzureWorld.Subscription })
        {
            await Refused("/azure/roles/0/scope", At(AzureWorld.Subscription, new { role = "Reader", scope }));
        }
        foreach (var scope in new[] { AzureWorld.Platform, AzureWorld.Subscription })
        {
            await Refused("/azure/scope", At(scope, roles: null));
            (await app.Admin.Put($"/api/customers/{made.Account.CustomerId}/azure-scope", new { scope }, "*")).ShouldBeRefused(400, "invalid-request", "/scope");
        }
        (await app.Admin.Post(made.Account.Path + "/migrate", new { scope = AzureWorld.Platform })).ShouldBeRefused(400, "invalid-request");
        (await app.Admin.Post(made.Account.Path + "/migrate", new { scope = AzureWorld.OtherSubscription })).ShouldBeRefused(400, "invalid-request");

        (await world.RolesOf(made.Principal)).Select(role => (role.Role, role.Scope)).Should().Equal(("Reader", made.Group));
        (await app.Admin.Put(made.Permissions, new { azure = At(AzureWorld.Subscription, new { role = "Reader", scope = made.Group }) }, "*")).ShouldBe(200);
    }

    [Fact]
    public async Task What_an_account_has_there_is_wider_and_taken_also_when_it_was_asked_for_before_the_scope_was_forbidden()
    {
        var made = await world.NewAccount("Reader");
        await world.Give(made.Principal, "Reader", AzureWorld.Platform);
        await Store(made, AzureWorld.Platform);

        var verified = (await app.Admin.Post(made.Permissions + "/verify")).ShouldBe(200)["azure"]!;

        verified["drift"]!.AsArray().Select(drift => ((string?)drift!["kind"], (string?)drift["scope"])).Should().BeEquivalentTo([("wider", AzureWorld.Platform), ("wider", made.Group)]);
        verified["withheld"]!.AsArray().Select(role => ((string?)role!["role"], (string?)role["scope"])).Should().Equal(("Reader", AzureWorld.Platform));

        var repaired = (await app.Admin.Post(made.Permissions + "/repair")).ShouldBe(200)["azure"]!;

        (await world.RolesOf(made.Principal)).Should().BeEmpty("nothing is given there, whoever has asked for it");
        repaired["drift"]!.AsArray().Should().BeEmpty();
        repaired["withheld"]!.AsArray().Should().ContainSingle();
    }

    /// <summary>The account as it was stored before its scope was forbidden.</summary>
    private async Task Store(RoleAccount made, string scope)
    {
        var document = await made.Account.Document();
        document["azure"]!["scope"] = scope;
        document["azure"]!["roles"] = new JsonArray(new JsonObject { ["role"] = "Reader", ["scope"] = scope });
        await app.Data.Replace("customers", made.Account.CustomerId, document);
    }
}
