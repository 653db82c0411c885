namespace CustomerFunctions.Tests.Customers;

public sealed class DeleteCustomerTests
{
    [Fact]
    public async Task A_deleted_customer_is_gone_to_every_route_and_its_names_stay_reserved()
    {
        var app = await App.Shared;
        var created = (await app.Admin.Post("/api/customers", new { name = "Ada", email = App.NewEmail() })).ShouldBe(201);
        var path = $"/api/customers/{created["id"]}";
        (await app.Admin.Delete(path)).ShouldBeRefused(428, "if-match-required");
        (await app.Admin.Delete(path, "\"stale\"")).ShouldBeRefused(412, "stale");

        (await app.Admin.Delete(path, created.ETag)).ShouldBe(204).Body.Should().BeEmpty();

        (await app.Admin.Get(path)).ShouldBeRefused(404, "not-found");
        (await app.Admin.Delete(path, created.ETag)).ShouldBeRefused(404, "not-found");
        (await app.Admin.Patch(path, new { name = "B" }, "*")).ShouldBeRefused(404, "not-found");
        (await app.Admin.Put(path, new { name = "B", email = App.NewEmail() }, "*")).ShouldBeRefused(404, "not-found");
        (await app.Admin.Post(path + "/activate")).ShouldBeRefused(404, "not-found");
        (await app.Admin.Post(path + "/deactivate")).ShouldBeRefused(404, "not-found");
        (await app.Admin.Post(path + "/api-keys", new { name = "ci" })).ShouldBeRefused(404, "not-found");
        (await app.Admin.Get(path + "/api-keys")).ShouldBeRefused(404, "not-found");
        (await app.Admin.Post("/api/customers", new { name = "Eve", email = (string)created["email"]! })).ShouldBeRefused(409, "email-taken");
        (await app.Admin.Post("/api/customers", new { name = "Eve", email = App.NewEmail(), slug = (string)created["slug"]! })).ShouldBeRefused(409, "slug-taken");
    }

    [Fact]
    public async Task Its_keys_list_is_gone_even_when_it_has_keys()
    {
        var app = await App.Shared;
        var created = (await app.Admin.Post("/api/customers", new { name = "Ada", email = App.NewEmail() })).ShouldBe(201);
        var path = $"/api/customers/{created["id"]}";
        var key = await app.CreateApiKey((string)created["id"]!);

        (await app.Admin.Delete(path, created.ETag)).ShouldBe(204);

        (await app.Admin.Get(path + "/api-keys")).ShouldBeRefused(404, "not-found");
        (await app.Caller(key).Get(path)).ShouldBeRefused(401, "unauthenticated");
    }

    [Fact]
    public async Task Staff_find_it_by_its_status_only()
    {
        var app = await App.Shared;
        var name = "c" + Guid.NewGuid().ToString("N")[..10];
        var created = (await app.Admin.Post("/api/customers", new { name, email = App.NewEmail() })).ShouldBe(201);
        (await app.Admin.Delete($"/api/customers/{created["id"]}", created.ETag)).ShouldBe(204);

        (await app.Admin.Get($"/api/customers?q={name}")).ShouldBe(200)["value"]!.AsArray().Should().BeEmpty();
        var closed = (await app.Admin.Get($"/api/customers?q={name}&status=closed")).ShouldBe(200)["value"]!.AsArray().Single()!;
        ((string?)closed["status"]).Should().Be("closed");
        closed["deletedAt"].Should().NotBeNull();
    }
}
