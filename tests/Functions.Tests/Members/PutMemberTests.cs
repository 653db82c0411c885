namespace CustomerFunctions.Tests.Members;

public sealed class PutMemberTests
{
    [Fact]
    public async Task A_membership_opens_the_customer_as_far_as_its_role_goes_from_the_next_request_on()
    {
        await using var app = await App.StartWithoutSchedules("--instances", "2");
        var path = $"/api/customers/{(await app.CreateCustomer())["id"]}";
        var person = await Person.SignedUp(app);
        var at = new[] { await app.CallerOf(0, person.AccessToken), await app.CallerOf(1, person.AccessToken) };
        var id = await person.Id();
        foreach (var api in at) { (await api.Get(path)).ShouldBeRefused(404, "not-found"); }

        (await app.Admin.Put($"{path}/members/{id}", new { role = "viewer" })).ShouldBe(200);

        foreach (var api in at)
        {
            (await api.Get(path)).ShouldBe(200);
            (await api.Put($"{path}/members/{id}", new { role = "owner" })).ShouldBeRefused(403, "forbidden");
        }
        (await app.Admin.Put($"{path}/members/{id}", new { role = "owner" })).ShouldBe(200);
        foreach (var api in at) { (await api.Get(path + "/api-keys")).ShouldBe(200); }
        (await app.Admin.Post(path + "/deactivate")).ShouldBe(200);
        foreach (var api in at) { (await api.Get(path)).ShouldBeRefused(403, "customer-suspended"); }
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"role":"king"}""")]
    [InlineData("""{"role":0}""")]
    public async Task A_wrong_role_is_named(string body)
    {
        var app = await App.Shared;
        (await app.Admin.Send(HttpMethod.Put, $"/api/customers/{(await app.CreateCustomer())["id"]}/members/acc_01M7Y40N37J6FNPYS4GAQYTKN5", body)).ShouldBeRefused(400, "invalid-request", "/role");
    }

    [Fact]
    public async Task Nobody_who_is_not_there_becomes_a_member()
    {
        var app = await App.Shared;
        var path = $"/api/customers/{(await app.CreateCustomer())["id"]}/members";
        (await app.Admin.Put($"{path}/acc_01M7Y40N37J6FNPYS4GAQYTKN5", new { role = "owner" })).ShouldBeRefused(404, "not-found");
        (await app.Admin.Get(path)).ShouldBe(200)["value"]!.AsArray().Should().BeEmpty();
    }
}
