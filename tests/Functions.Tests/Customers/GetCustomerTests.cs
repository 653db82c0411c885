using CustomerFunctions.Shared;

namespace CustomerFunctions.Tests.Customers;

public sealed class GetCustomerTests
{
    [Fact]
    public async Task An_id_that_names_nobody_is_not_found()
    {
        var app = await App.Shared;
        (await app.Admin.Get($"/api/customers/{Ids.Customer(TimeProvider.System)}")).ShouldBeRefused(404, "not-found");
    }

    [Theory]
    [InlineData("x")]
    [InlineData("key_01M7Y40N37J6FNPYS4GAQYTKN5")]
    [InlineData("cus_01M7Y40N37J6FNPYS4GAQYTKN")]
    [InlineData("cus_01m7y40n37j6fnpys4gaqytkn5")]
    public async Task An_id_of_another_form_never_reaches_the_store(string id)
    {
        var app = await App.Shared;
        (await app.Admin.Get($"/api/customers/{id}")).ShouldBeRefused(404, "not-found");
    }

    [Fact]
    public async Task What_is_not_set_is_not_in_the_answer()
    {
        var app = await App.Shared;
        (await app.CreateCustomer()).Select(property => property.Key).Should().NotContain(["displayName", "phone", "settings", "deletedAt"]);
    }
}
