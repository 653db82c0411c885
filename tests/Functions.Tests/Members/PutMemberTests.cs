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

        (await app.Admin.Put($"{path}/members/{id}", new { role = "viewer" })).ShouldBe(201);

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

    [Fact]
    public async Task An_owner_changes_members_only_and_learns_nothing_of_other_people()
    {
        var app = await App.Shared;
        var (owner, customer) = await Person.Owning(app);
        var (stranger, member) = (await Person.SignedUp(app), await Person.SignedUp(app));
        (await app.Admin.Put($"{customer}/members/{await member.Id()}", new { role = "viewer" })).ShouldBe(201);

        var answers = new List<Answer>();
        foreach (var id in new[] { await stranger.Id(), "acc_01M7Y40N37J6FNPYS4GAQYTKN5", "acc_x" })
        {
            answers.Add((await owner.Api.Put($"{customer}/members/{id}", new { role = "viewer" })).ShouldBeRefused(404, "not-found"));
        }

        answers.Select(answer => (string?)answer["detail"]).Distinct().Should().ContainSingle("what is foreign and what is not there are one answer");
        (await owner.Api.Put($"{customer}/members/{await member.Id()}", new { role = "admin" })).ShouldBe(200);
        (await app.Admin.Get($"{customer}/members")).ShouldBe(200)["value"]!.AsArray().Select(entry => (string)entry!["accountId"]!).Should().Equal(await owner.Id(), await member.Id());
        (await stranger.Api.Get($"/api/accounts/{await stranger.Id()}/customers")).ShouldBe(200)["value"]!.AsArray().Should().BeEmpty();
    }

    [Fact]
    public async Task An_id_that_is_foreign_costs_an_owner_the_same_requests_as_one_that_is_not_there()
    {
        await using var app = await App.StartWithoutSchedules();
        var (owner, customer) = await Person.Owning(app);
        var foreign = await (await Person.SignedUp(app)).Id();
        (await owner.Api.Get(customer)).ShouldBe(200);

        (await Cost(foreign)).Should().Be(await Cost("acc_01M7Y40N37J6FNPYS4GAQYTKN5")).And.Be(1, "the door reads the customer");

        async Task<int> Cost(string id)
        {
            await app.Cloud.ResetRequests();
            (await owner.Api.Put($"{customer}/members/{id}", new { role = "viewer" })).ShouldBe(404);
            return (await app.Cloud.Requests())["cosmos"]!.GetValue<int>();
        }
    }
}
