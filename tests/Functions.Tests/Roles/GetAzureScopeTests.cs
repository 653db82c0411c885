namespace CustomerFunctions.Tests.Roles;

[Collection(nameof(AzureWorld))]
public sealed class GetAzureScopeTests(AzureWorld world)
{
    [Fact]
    public async Task A_customer_has_none_until_somebody_says_so()
    {
        var path = $"/api/customers/{(await world.App.CreateCustomer())["id"]}/azure-scope";
        var none = (await world.App.Admin.Get(path)).ShouldBe(200);
        none.Object.Should().NotContainKey("scope");
        var group = await world.NewGroup();
        (await world.App.Admin.Put(path, new { scope = group }, none.ETag)).ShouldBe(200);
        ((string?)(await world.App.Admin.Get(path)).ShouldBe(200)["scope"]).Should().Be(group);
    }
}
