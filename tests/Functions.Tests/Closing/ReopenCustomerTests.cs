using System.Text.Json.Nodes;

namespace CustomerFunctions.Tests.Closing;

public sealed class ReopenCustomerTests
{
    [Fact]
    public async Task A_deleted_customer_comes_back_as_it_was_with_its_keys()
    {
        var app = await App.Shared;
        var customer = await app.CreateCustomer();
        var path = $"/api/customers/{customer["id"]}";
        var holder = app.Caller(await app.CreateApiKey((string)customer["id"]!));
        (await app.Admin.Delete(path, "*")).ShouldBe(204);
        (await holder.Get(path)).ShouldBe(401);

        var reopened = (await app.Admin.Post(path + "/reopen")).ShouldBe(200).Object;

        foreach (var changed in new[] { "etag", "updatedAt" }) { reopened[changed] = customer[changed]!.DeepClone(); }
        JsonNode.DeepEquals(reopened, customer).Should().BeTrue("it was {0}", reopened);
        (await holder.Get(path)).ShouldBe(200);
        var etag = (await app.Admin.Get(path)).ShouldBe(200).ETag;
        (await app.Admin.Post(path + "/reopen")).ShouldBe(200).ETag.Should().Be(etag, "it is open already");
    }

    [Fact]
    public async Task Its_holds_are_still_there()
    {
        var app = await App.Shared;
        var path = $"/api/customers/{(await app.CreateCustomer())["id"]}";
        (await app.Admin.Post(path + "/suspend", new { hold = "security", reason = "x" })).ShouldBe(200);
        (await app.Admin.Delete(path, "*")).ShouldBe(204);

        ((string?)(await app.Admin.Post(path + "/reopen")).ShouldBe(200)["status"]).Should().Be("suspended");
    }

    [Fact]
    public async Task The_window_is_open_for_thirty_days_and_not_longer()
    {
        await using var app = await App.StartWithoutSchedules();
        var (early, late) = ($"/api/customers/{(await app.CreateCustomer())["id"]}", $"/api/customers/{(await app.CreateCustomer())["id"]}");
        foreach (var path in new[] { early, late }) { (await app.Admin.Delete(path, "*")).ShouldBe(204); }

        await app.Cloud.Advance(TimeSpan.FromDays(30) - TimeSpan.FromMinutes(2));
        (await app.Admin.Post(early + "/reopen")).ShouldBe(200);
        await app.Cloud.Advance(TimeSpan.FromMinutes(2));
        (await app.Admin.Post(late + "/reopen")).ShouldBeRefused(409, "restore-window-over");
        (await app.Admin.Get(early)).ShouldBe(200);
    }

    [Fact]
    public async Task A_customer_that_never_was_cannot_come_back() =>
        (await (await App.Shared).Admin.Post("/api/customers/cus_01M7Y6VHP9ZB7VNMWNCV4EF401/reopen")).ShouldBeRefused(404, "not-found");
}
