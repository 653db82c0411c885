namespace CustomerFunctions.Tests.Flags;

public sealed class SetFeatureFlagTests
{
    [Theory]
    [InlineData("auditExport", true)]
    [InlineData("auditExport", false)]
    [InlineData("keyRotation", false)]
    public async Task Staffs_decision_goes_before_the_plan_for_this_customer_only(string flag, bool enabled)
    {
        var app = await App.Shared;
        var (customer, other) = (await app.CreateCustomer(), await app.CreateCustomer());
        var path = $"/api/customers/{customer["id"]}/feature-flags";
        var before = (await app.Admin.Get($"/api/customers/{other["id"]}/feature-flags")).Body;

        var set = (await app.Admin.Put($"{path}/{flag}", new { enabled })).ShouldBe(200);

        ((bool)set["enabled"]!, (string?)set["source"]).Should().Be((enabled, "override"));
        var listed = (await app.Admin.Get(path)).ShouldBe(200)["value"]!.AsArray();
        listed.Single(item => (string?)item!["name"] == flag)!.ToJsonString().Should().Be(set.Object.ToJsonString());
        listed.Where(item => (string?)item!["source"] == "override").Should().ContainSingle();
        (await app.Admin.Get($"/api/customers/{other["id"]}/feature-flags")).Body.Should().Be(before);
        var etag = (await app.Admin.Get($"/api/customers/{customer["id"]}")).ETag;
        (await app.Admin.Put($"{path}/{flag}", new { enabled })).ShouldBe(200);
        (await app.Admin.Get($"/api/customers/{customer["id"]}")).ETag.Should().Be(etag, "the same decision is not written again");
    }

    [Fact]
    public async Task Decisions_that_are_made_at_once_are_all_kept()
    {
        var app = await App.Shared;
        var path = $"/api/customers/{(await app.CreateCustomer())["id"]}/feature-flags";
        string[] flags = ["auditExport", "webhooks", "networkRules", "apiAccess"];

        await Task.WhenAll(flags.Select(async flag => (await app.Admin.Put($"{path}/{flag}", new { enabled = true })).ShouldBe(200)));

        (await app.Admin.Get(path))["value"]!.AsArray().Where(flag => (string?)flag!["source"] == "override").Select(flag => (string?)flag!["name"]).Should().BeEquivalentTo(flags);
    }

    [Fact]
    public async Task Only_staff_decide_and_only_flags_that_exist()
    {
        var app = await App.Shared;
        var customerId = (string)(await app.CreateCustomer())["id"]!;
        var path = $"/api/customers/{customerId}/feature-flags";

        (await app.Caller(await app.CreateApiKey(customerId)).Put(path + "/auditExport", new { enabled = true })).ShouldBeRefused(403, "forbidden");
        (await app.Admin.Put(path + "/flyingCars", new { enabled = true })).ShouldBeRefused(404, "not-found");
        (await app.Admin.Put(path + "/auditExport", new { })).ShouldBeRefused(400, "invalid-request", "/enabled");
        (await app.Admin.Put(path + "/auditExport", new { enabled = "yes" })).ShouldBeRefused(400, "invalid-request", "/enabled");
    }
}
