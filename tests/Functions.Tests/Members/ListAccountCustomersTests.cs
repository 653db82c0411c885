namespace CustomerFunctions.Tests.Members;

public sealed class ListAccountCustomersTests
{
    [Fact]
    public async Task A_customer_that_is_closed_or_does_not_confirm_is_passed_over()
    {
        var app = await App.Shared;
        var person = await Person.SignedUp(app);
        var id = await person.Id();
        var customers = new[] { await app.CreateCustomer(), await app.CreateCustomer() };
        foreach (var customer in customers) { (await app.Admin.Put($"/api/customers/{customer["id"]}/members/{id}", new { role = "member" })).ShouldBe(201); }
        var path = $"/api/accounts/{id}/customers";
        (await person.Api.Get(path)).ShouldBe(200)["value"]!.AsArray().Should().HaveCount(2);

        (await app.Admin.Delete($"/api/customers/{customers[0]["id"]}", (await app.Admin.Get($"/api/customers/{customers[0]["id"]}")).ETag)).ShouldBe(204);

        var left = (await person.Api.Get(path)).ShouldBe(200)["value"]!.AsArray().Single()!;
        ((string?)left["customerId"]).Should().Be((string?)customers[1]["id"]);
        ((bool?)left["isDefault"]).Should().BeTrue("one of those that are left is always the default");
        (await app.Admin.Get("/api/accounts/acc_01M7Y40N37J6FNPYS4GAQYTKN5/customers")).ShouldBeRefused(404, "not-found");
    }
}
