namespace CustomerFunctions.Tests.ApiKeys;

public sealed class ListApiKeysTests
{
    [Fact]
    public async Task Keys_come_in_the_order_they_were_made_a_page_at_a_time_and_without_their_values()
    {
        var app = await App.Shared;
        var customerId = (string)(await app.CreateCustomer())["id"]!;
        var keys = new List<string>();
        for (var i = 0; i < 7; i++) { keys.Add(await app.CreateApiKey(customerId, $"key {i}")); }

        var names = new List<string>();
        for (var next = $"/api/customers/{customerId}/api-keys?maxpagesize=3"; next is not null;)
        {
            var page = (await app.Admin.Get(next)).ShouldBe(200);
            keys.Should().NotContain(key => page.Body.Contains(key, StringComparison.Ordinal));
            names.AddRange(page["value"]!.AsArray().Select(key => (string)key!["name"]!));
            next = (string?)page["nextLink"];
        }

        names.Should().Equal(Enumerable.Range(0, 7).Select(i => $"key {i}"));
    }

    [Fact]
    public async Task A_key_is_recognised_by_its_hint()
    {
        var app = await App.Shared;
        var customerId = (string)(await app.CreateCustomer())["id"]!;
        var key = await app.CreateApiKey(customerId);

        var listed = (await app.Admin.Get($"/api/customers/{customerId}/api-keys")).ShouldBe(200)["value"]!.AsArray().Single()!.AsObject();

        ((string?)listed["hint"]).Should().Be($"cf_…{key[^4..]}");
        listed.Select(property => property.Key).Should().BeEquivalentTo("id", "name", "hint", "state", "createdAt", "createdBy");
    }

    [Theory]
    [InlineData("maxpagesize=0", "?maxpagesize")]
    [InlineData("continuation=x", "?continuation")]
    [InlineData("state=active", "?state")]
    public async Task A_wrong_parameter_is_named(string query, string field)
    {
        var app = await App.Shared;
        (await app.Admin.Get($"/api/customers/{(await app.CreateCustomer())["id"]}/api-keys?{query}")).ShouldBeRefused(400, "invalid-request", field);
    }

    [Fact]
    public async Task A_continuation_of_another_customer_is_refused()
    {
        var app = await App.Shared;
        var ids = new[] { (string)(await app.CreateCustomer())["id"]!, (string)(await app.CreateCustomer())["id"]! };
        for (var i = 0; i < 2; i++) { await app.CreateApiKey(ids[0]); }
        var next = (string)(await app.Admin.Get($"/api/customers/{ids[0]}/api-keys?maxpagesize=1")).ShouldBe(200)["nextLink"]!;

        (await app.Admin.Get(next.Replace(ids[0], ids[1], StringComparison.Ordinal))).ShouldBeRefused(400, "invalid-request", "?continuation");
    }
}
