namespace CustomerFunctions.Tests.Customers;

public sealed class GetStatisticsTests
{
    [Fact]
    public async Task It_counts_what_the_customer_has_and_nobody_elses()
    {
        var app = await App.Shared;
        var id = (string)(await app.CreateCustomer())["id"]!;
        await app.CreateApiKey((string)(await app.CreateCustomer())["id"]!);
        (await app.Admin.Get($"/api/customers/{id}/statistics")).ShouldBe(200)["apiKeys"]!["total"]!.GetValue<int>().Should().Be(0);
        for (var i = 0; i < 3; i++) { await app.CreateApiKey(id, $"key {i}"); }
        var revoked = (string)(await app.Admin.Get($"/api/customers/{id}/api-keys"))["value"]![0]!["id"]!;
        (await app.Admin.Delete($"/api/customers/{id}/api-keys/{revoked}")).ShouldBe(204);
        await app.CreateServiceAccount(id);

        var statistics = (await app.Admin.Get($"/api/customers/{id}/statistics")).ShouldBe(200);

        statistics["apiKeys"]!.ToJsonString().Should().Be("""{"total":3,"by":{"active":2,"revoked":1}}""");
        statistics["serviceAccounts"]!.ToJsonString().Should().Be("""{"total":1,"by":{"active":1}}""");
        statistics["usage"]!.AsArray().Select(quota => (string)quota!["meter"]!).Should().Equal("apiRequest", "dataGenerated");
        statistics["members"]!.ToJsonString().Should().Be("""{"total":0,"by":{}}""");
    }
}
