namespace CustomerFunctions.Tests.Roles;

[Collection(nameof(AzureWorld))]
public sealed class VerifyPermissionsTests(AzureWorld world)
{
    [Fact]
    public async Task What_is_missing_extra_and_wider_is_told_and_left_as_it_is()
    {
        var app = world.App;
        var made = await world.NewAccount("Reader");
        var (_, scope, name) = (await world.RolesOf(made.Principal)).Single();
        await world.Take(scope, name);
        await world.Give(made.Principal, "Monitoring Reader", made.Group);
        await world.Give(made.Principal, "Owner", made.Group);
        await world.Give(made.Principal, "Reader", AzureWorld.Subscription);
        var before = await world.RolesOf(made.Principal);

        var verified = (await app.Admin.Post(made.Permissions + "/verify")).ShouldBe(200);

        verified["azure"]!["drift"]!.AsArray().Select(drift => ((string?)drift!["kind"], (string?)drift["role"], (string?)drift["scope"])).Should().BeEquivalentTo(
            [("missing", "Reader", made.Group), ("extra", "Monitoring Reader", made.Group), ("wider", "Owner", made.Group), ("wider", "Reader", AzureWorld.Subscription)]);
        verified["azure"]!["actual"]!.AsArray().Should().HaveCount(3);
        (await world.RolesOf(made.Principal)).Should().Equal(before);
        (await app.Admin.Get(made.Permissions)).Body.Should().Be(verified.Body, "it is remembered");
        await app.Cloud.RunTimer("WriteAuditEvents");
        var log = (await app.Admin.Get($"/api/customers/{made.Account.CustomerId}/audit-log?maxpagesize=100")).ShouldBe(200)["value"]!.AsArray();
        ((string?)log.Single(one => (string?)one!["action"] == "serviceAccount.permissionsDrifted")!["actor"]!["id"]).Should().Be("bootstrap-admin", "it was a person who looked");
    }
}
