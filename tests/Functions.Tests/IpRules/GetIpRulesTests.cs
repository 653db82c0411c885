namespace CustomerFunctions.Tests.IpRules;

public sealed class GetIpRulesTests
{
    [Fact]
    public async Task A_customer_begins_with_every_address_allowed()
    {
        var app = await App.Shared;
        (await app.Admin.Get($"/api/customers/{(await app.CreateCustomer())["id"]}/ip-rules")).ShouldBe(200)["networks"]!.AsArray().Should().BeEmpty();
    }
}
