namespace CustomerFunctions.Tests.Holds;

public sealed class RestoreCustomerTests
{
    [Fact]
    public async Task A_customer_is_active_again_when_its_last_hold_is_lifted_and_not_before()
    {
        var app = await App.Shared;
        var customer = await app.CreateCustomer();
        var path = $"/api/customers/{customer["id"]}";
        var holder = app.Caller(await app.CreateApiKey((string)customer["id"]!));
        foreach (var hold in new[] { "billing", "security" }) { (await app.Admin.Post(path + "/suspend", new { hold, reason = "x" })).ShouldBe(200); }

        var paid = (await app.Admin.Post(path + "/restore", new { hold = "billing" })).ShouldBe(200);

        ((string?)paid["status"]).Should().Be("suspended", "a payment lifts no security hold");
        paid["holds"]!.AsArray().Select(hold => (string?)hold).Should().Equal("security");
        (await holder.Get(path)).ShouldBeRefused(403, "customer-suspended");
        (await app.Admin.Post(path + "/activate")).ShouldBe(200).ETag.Should().Be(paid.ETag, "staff's own hold is not there");

        var active = (await app.Admin.Post(path + "/restore", new { hold = "security" })).ShouldBe(200);
        ((string?)active["status"]).Should().Be("active");
        active["holdNotes"]!.AsArray().Should().BeEmpty();
        (await holder.Get(path)).ShouldBe(200);
        (await app.Admin.Post(path + "/restore", new { hold = "security" })).ShouldBe(200).ETag.Should().Be(active.ETag, "lifting what is not there changes nothing");
    }

    [Fact]
    public async Task A_hold_that_does_not_exist_is_refused()
    {
        var app = await App.Shared;
        var path = $"/api/customers/{(await app.CreateCustomer())["id"]}";
        (await app.Admin.Post(path + "/restore", new { })).ShouldBeRefused(400, "invalid-request", "/hold");
        (await app.Admin.Post(path + "/restore", new { hold = "Billing!" })).ShouldBeRefused(400, "invalid-request", "/hold");
    }
}
