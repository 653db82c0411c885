namespace CustomerFunctions.Tests.LeakDesk;

public sealed class GetLeakResponseTests
{
    [Fact]
    public async Task A_customer_begins_with_revoking()
    {
        var app = await App.Shared;
        ((string?)(await app.Admin.Get($"/api/customers/{(await app.CreateCustomer())["id"]}/leak-response")).ShouldBe(200)["response"]).Should().Be("revoke");
    }
}
