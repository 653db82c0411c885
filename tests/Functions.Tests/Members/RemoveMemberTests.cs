namespace CustomerFunctions.Tests.Members;

public sealed class RemoveMemberTests
{
    [Fact]
    public async Task The_last_owner_stays_whoever_asks_and_however_many_ask_at_once()
    {
        var app = await App.Shared;
        var path = $"/api/customers/{(await app.CreateCustomer())["id"]}/members";
        var people = new[] { await Person.SignedUp(app), await Person.SignedUp(app) };
        var ids = new[] { await people[0].Id(), await people[1].Id() };
        foreach (var id in ids) { (await app.Admin.Put($"{path}/{id}", new { role = "owner" })).ShouldBe(200); }

        var answers = await Task.WhenAll(people.Select((person, i) => person.Api.Delete($"{path}/{ids[i]}")));

        answers.Select(answer => answer.Status).Should().BeEquivalentTo([204, 409], "of two owners who leave at once, one stays");
        var left = (await app.Admin.Get(path)).ShouldBe(200)["value"]!.AsArray().Single()!;
        (await app.Admin.Delete($"{path}/{left["accountId"]}")).ShouldBeRefused(409, "last-owner");
    }

    [Fact]
    public async Task Whoever_is_taken_out_finds_the_customer_gone_on_both_sides()
    {
        var app = await App.Shared;
        var customerId = (string)(await app.CreateCustomer())["id"]!;
        var person = await Person.SignedUp(app);
        var id = await person.Id();
        (await app.Admin.Put($"/api/customers/{customerId}/members/{id}", new { role = "member" })).ShouldBe(200);
        (await person.Api.Get($"/api/accounts/{id}/customers")).ShouldBe(200)["value"]!.AsArray().Should().ContainSingle();

        (await app.Admin.Delete($"/api/customers/{customerId}/members/{id}")).ShouldBe(204);

        (await person.Api.Get($"/api/customers/{customerId}")).ShouldBeRefused(404, "not-found");
        (await person.Api.Get($"/api/accounts/{id}/customers")).ShouldBe(200)["value"]!.AsArray().Should().BeEmpty();
        (await app.Admin.Delete($"/api/customers/{customerId}/members/{id}")).ShouldBe(204);
    }
}
