namespace CustomerFunctions.Tests.Members;

public sealed class SwitchCustomerTests
{
    [Fact]
    public async Task The_choice_goes_with_the_session_and_opens_nothing()
    {
        var app = await App.Shared;
        var person = await Person.SignedUp(app);
        var (mine, other) = ((string)(await app.CreateCustomer())["id"]!, (string)(await app.CreateCustomer())["id"]!);
        (await app.Admin.Put($"/api/customers/{mine}/members/{await person.Id()}", new { role = "viewer" })).ShouldBe(201);

        var switched = (await person.Api.Post("/api/auth/switch-customer", new { customerId = mine })).ShouldBe(200);

        (await app.Caller((string)switched["accessToken"]!).Get($"/api/customers/{mine}")).ShouldBe(200);
        (await person.Api.Post("/api/auth/switch-customer", new { customerId = other })).ShouldBeRefused(422, "customer-selection-invalid");
        (await person.Api.Post("/api/auth/switch-customer", new { customerId = "x" })).ShouldBeRefused(422, "customer-selection-invalid");
        (await person.Api.Post("/api/auth/switch-customer", "{}")).ShouldBeRefused(400, "invalid-request", "/customerId");
        (await app.Admin.Delete($"/api/customers/{mine}/members/{await person.Id()}")).ShouldBe(204);
        (await app.Caller((string)switched["accessToken"]!).Get($"/api/customers/{mine}")).ShouldBeRefused(404, "not-found");
    }
}
