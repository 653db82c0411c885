namespace CustomerFunctions.Tests.Members;

public sealed class SetDefaultCustomerTests
{
    [Fact]
    public async Task Exactly_one_is_the_default_whatever_is_set_at_once()
    {
        var app = await App.Shared;
        var person = await Person.SignedUp(app);
        var path = $"/api/accounts/{await person.Id()}/customers";
        var ids = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            ids.Add((string)(await app.CreateCustomer())["id"]!);
            (await app.Admin.Put($"/api/customers/{ids[i]}/members/{await person.Id()}", new { role = "viewer" })).ShouldBe(201);
        }

        var answers = await Task.WhenAll(Enumerable.Range(0, 9).Select(i => person.Api.Post($"{path}/{ids[i % 3]}/set-default")));

        foreach (var answer in answers.Append(await person.Api.Get(path))) { answer.ShouldBe(200)["value"]!.AsArray().Count(customer => (bool)customer!["isDefault"]!).Should().Be(1); }
        (await person.Api.Post($"{path}/{ids[1]}/set-default")).ShouldBe(200)["value"]!.AsArray().Single(customer => (bool)customer!["isDefault"]!)!["customerId"]!.ToString().Should().Be(ids[1]);
    }

    [Fact]
    public async Task A_customer_that_is_not_ones_own_is_not_found()
    {
        var app = await App.Shared;
        var person = await Person.SignedUp(app);
        (await person.Api.Post($"/api/accounts/{await person.Id()}/customers/{(await app.CreateCustomer())["id"]}/set-default")).ShouldBeRefused(404, "not-found");
    }
}
