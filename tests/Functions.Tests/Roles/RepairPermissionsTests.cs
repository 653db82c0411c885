namespace CustomerFunctions.Tests.Roles;

[Collection(nameof(AzureWorld))]
public sealed class RepairPermissionsTests(AzureWorld world)
{
    private readonly App app = world.App;

    [Fact]
    public async Task What_is_missing_is_given_and_what_should_not_be_there_is_taken()
    {
        var made = await world.NewAccount("Reader", "Monitoring Reader");
        foreach (var (_, scope, name) in await world.RolesOf(made.Principal)) { await world.Take(scope, name); }
        // By another assignment than the app's own, which is as good.
        await world.Give(made.Principal, "Reader", made.Group);
        await world.Give(made.Principal, "Contributor", AzureWorld.Subscription);

        var repaired = (await app.Admin.Post(made.Permissions + "/repair")).ShouldBe(200);

        repaired["azure"]!["drift"]!.AsArray().Should().BeEmpty();
        (await world.RolesOf(made.Principal)).Select(role => (role.Role, role.Scope)).Should().BeEquivalentTo([("Reader", made.Group), ("Monitoring Reader", made.Group)]);
    }

    [Theory]
    [InlineData("PUT", "unavailable")]
    [InlineData("DELETE", "throttle")]
    public async Task What_did_not_answer_is_made_up_for_by_the_timer(string method, string kind)
    {
        var made = await world.NewAccount("Reader");
        var (_, scope, name) = (await world.RolesOf(made.Principal)).Single();
        await world.Take(scope, name);
        await world.Give(made.Principal, "Contributor", made.Group);
        await app.Cloud.Fault(new { service = "resourceManager", operation = $"^{method} .*{made.Group.Split('/')[^1]}/.*roleAssignments", count = 20, seconds = 300, kind, retryAfterMilliseconds = 20 });

        var failed = (await app.Admin.Post(made.Permissions + "/repair")).ShouldBe(200);

        await app.Cloud.ClearFaults();
        ((string?)failed["azure"]!["failure"]).Should().StartWith("Azure Resource Manager answered ");
        await app.Cloud.Advance(TimeSpan.FromMinutes(2));
        await app.Cloud.RunTimer("SettleServiceAccounts");
        (await world.RolesOf(made.Principal)).Select(role => role.Role).Should().Equal("Reader");
        (await app.Admin.Get(made.Permissions))["azure"]!.AsObject().Should().NotContainKey("failure");
    }
}
