namespace CustomerFunctions.Tests.IpRules;

public sealed class ReplaceIpRulesTests
{
    [Fact]
    public async Task They_bind_the_customers_keys_from_the_next_request_on_and_staff_never()
    {
        await using var app = await App.StartWithoutSchedules("--instances", "2");
        var customer = await app.CreateCustomer();
        var path = $"/api/customers/{customer["id"]}";
        var key = await app.CreateApiKey((string)customer["id"]!);
        var holders = new[] { await app.CallerOf(0, key), await app.CallerOf(1, key) };
        foreach (var holder in holders) { (await holder.Get(path)).ShouldBe(200); }

        var rules = (await app.Admin.Put(path + "/ip-rules", new { networks = new[] { "203.0.113.0/24" } }, (await app.Admin.Get(path)).ETag)).ShouldBe(200);

        foreach (var holder in holders) { (await holder.Get(path)).ShouldBeRefused(403, "address-not-allowed"); }
        (await app.Admin.Get(path)).ShouldBe(200);
        (await app.Admin.Put(path + "/ip-rules", new { networks = Array.Empty<string>() }, rules.ETag)).ShouldBe(200);
        foreach (var holder in holders) { (await holder.Get(path)).ShouldBe(200); }
    }

    [Theory]
    [InlineData("{}", "/networks")]
    [InlineData("""{"networks":["10.0.0.1/8"]}""", "/networks/0")]
    [InlineData("""{"networks":["10.0.0.0/8","10.0.0.0/33"]}""", "/networks/1")]
    public async Task A_wrong_network_is_named(string body, string field)
    {
        var app = await App.Shared;
        (await app.Admin.Send(HttpMethod.Put, $"/api/customers/{(await app.CreateCustomer())["id"]}/ip-rules", body, "*")).ShouldBeRefused(400, "invalid-request", field);
    }

    [Fact]
    public async Task It_needs_the_version_that_was_read()
    {
        var app = await App.Shared;
        var path = $"/api/customers/{(await app.CreateCustomer())["id"]}/ip-rules";
        var read = await app.Admin.Get(path);
        (await app.Admin.Put(path, new { networks = new[] { "10.0.0.0/8" } }, read.ETag)).ShouldBe(200);
        (await app.Admin.Put(path, new { networks = new[] { "10.0.0.0/8" } }, read.ETag)).ShouldBeRefused(412, "stale");
        (await app.Admin.Put(path, new { networks = new[] { "10.0.0.0/8" } })).ShouldBeRefused(428, "if-match-required");
    }
}
