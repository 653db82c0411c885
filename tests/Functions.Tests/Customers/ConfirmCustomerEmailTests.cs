namespace CustomerFunctions.Tests.Customers;

/// <summary>What the link proves and whom it lets in is in <see cref="Members.ProvenAddressTests"/>.</summary>
public sealed class ConfirmCustomerEmailTests
{
    [Theory]
    [InlineData("x")]
    [InlineData("confirm-email")]
    public async Task Only_a_link_to_a_customers_address_is_taken(string token)
    {
        var app = await App.Shared;
        if (token != "x")
        {
            var person = new Person(app, App.NewEmail());
            await person.Register();
            token = await person.LinkIn(token);
        }

        (await app.Caller(key: null).Post("/api/auth/confirm-customer-email", new { token })).ShouldBeRefused(422, "link-unusable");
    }

    [Fact]
    public async Task A_closed_customers_address_is_not_proven()
    {
        var app = await App.Shared;
        var (owner, path) = await Person.Owning(app);
        var reader = new Person(app, App.NewEmail());
        (await owner.Api.Patch(path, new { email = reader.Email }, "*")).ShouldBe(200);
        var token = await reader.LinkIn("confirm-customer-email");
        (await app.Admin.Delete(path, "*")).ShouldBe(204);

        (await app.Caller(key: null).Post("/api/auth/confirm-customer-email", new { token })).ShouldBeRefused(422, "link-unusable");
    }
}
