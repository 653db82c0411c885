using System.Text.Json.Nodes;

namespace CustomerFunctions.Tests.Customers;

public sealed class PatchCustomerTests
{
    [Theory]
    [InlineData("""{"displayName":"Countess"}""", "displayName", "\"Countess\"")]
    [InlineData("""{"displayName":null}""", "displayName", "null")]
    [InlineData("""{"address":{"city":"Ockham"}}""", "address", """{"line1":"1 St James's Square","city":"Ockham","postalCode":"SW1Y","country":"GB"}""")]
    [InlineData("""{"address":{"line1":null,"city":null,"postalCode":null,"country":null}}""", "address", "{}")]
    [InlineData("""{"address":null}""", "address", "null")]
    [InlineData("""{"settings":{"theme":null,"nested":{"b":1}}}""", "settings", """{"limits":[1,2.5,null],"nested":{"a":true,"b":1}}""")]
    [InlineData("""{"settings":{"limits":[9]}}""", "settings", """{"theme":"dark","limits":[9],"nested":{"a":true}}""")]
    [InlineData("""{"metadata":{"crm id":null,"x":"y"}}""", "metadata", """{"x":"y"}""")]
    [InlineData("""{}""", "displayName", "\"Ada\"")]
    public async Task A_merge_patch_changes_what_it_names_and_nothing_else(string patch, string field, string expected)
    {
        var app = await App.Shared;
        var before = (await app.Admin.Post("/api/customers", CreateCustomerTests.FullFields(App.NewEmail()))).ShouldBe(201);

        var after = (await app.Admin.Patch(Path(before), patch, before.ETag)).ShouldBe(200);

        JsonNode.DeepEquals(after[field], JsonNode.Parse(expected)).Should().BeTrue("{0} is {1}", field, after[field]);
        string[] changing = [field, "etag", "updatedAt"];
        foreach (var (name, value) in before.Object.Where(property => !changing.Contains(property.Key))) { JsonNode.DeepEquals(after[name], value).Should().BeTrue(name); }
    }

    [Theory]
    [InlineData("""{"name":null}""", "/name")]
    [InlineData("""{"email":null}""", "/email")]
    [InlineData("""{"name":7}""", "/name")]
    [InlineData("""{"nmae":"x"}""", "/nmae")]
    [InlineData("""{"address":{"citty":"x"}}""", "/address/citty")]
    [InlineData("""{"address":"here"}""", "/address")]
    [InlineData("""{"status":"closed"}""", "/status")]
    [InlineData("""{"id":"cus_1"}""", "/id")]
    [InlineData("""{"description":"\ud800"}""", "")]
    [InlineData("""{"settings":{"a":["\udc00"]}}""", "")]
    [InlineData("""{"settings":{"\ud800":1}}""", "")]
    [InlineData("""[]""", "")]
    [InlineData("""null""", "")]
    [InlineData("""{"name":""", "")]
    [InlineData("""{"name":"a","name":"b"}""", null)]
    [InlineData("", null)]
    public async Task A_patch_that_is_wrong_or_leads_to_something_wrong_is_refused_and_nothing_changes(string patch, string? place)
    {
        var app = await App.Shared;
        var before = (await app.Admin.Post("/api/customers", new { name = "Ada", email = App.NewEmail() })).ShouldBe(201);

        (await app.Admin.Patch(Path(before), patch, before.ETag)).ShouldBeRefused(400, "invalid-request", place);

        (await app.Admin.Get(Path(before))).ETag.Should().Be(before.ETag);
    }

    [Theory]
    [InlineData("application/json", 415)]
    [InlineData("application/json-patch+json", 415)]
    [InlineData("text/plain", 415)]
    [InlineData("application/merge-patch+json; charset=utf-8", 200)]
    [InlineData("Application/Merge-Patch+JSON", 200)]
    public async Task A_patch_says_what_it_is(string contentType, int status)
    {
        var app = await App.Shared;
        var before = (await app.Admin.Post("/api/customers", new { name = "Ada", email = App.NewEmail() })).ShouldBe(201);
        (await app.Admin.Send(HttpMethod.Patch, Path(before), "{}", before.ETag, contentType)).ShouldBe(status);
    }

    [Fact]
    public async Task A_stale_etag_is_refused_with_412_and_a_missing_one_with_428()
    {
        var app = await App.Shared;
        var before = (await app.Admin.Post("/api/customers", new { name = "Ada", email = App.NewEmail() })).ShouldBe(201);
        (await app.Admin.Patch(Path(before), new { name = "B" }, before.ETag)).ShouldBe(200);
        (await app.Admin.Patch(Path(before), new { name = "C" }, before.ETag)).ShouldBeRefused(412, "stale");
        (await app.Admin.Patch(Path(before), new { name = "C" })).ShouldBeRefused(428, "if-match-required");
    }

    [Fact]
    public async Task A_customer_is_found_by_its_new_name_and_no_longer_by_its_old_one()
    {
        var app = await App.Shared;
        var (old, fresh) = ("o" + Guid.NewGuid().ToString("N")[..10], "f" + Guid.NewGuid().ToString("N")[..10]);
        var before = (await app.Admin.Post("/api/customers", new { name = old, email = App.NewEmail(), slug = "kept-" + Guid.NewGuid().ToString("N")[..8] })).ShouldBe(201);

        (await app.Admin.Patch(Path(before), new { name = fresh }, before.ETag)).ShouldBe(200);

        (await app.Admin.Get($"/api/customers?q={fresh}")).ShouldBe(200)["value"]!.AsArray().Should().ContainSingle();
        (await app.Admin.Get($"/api/customers?q={old}")).ShouldBe(200)["value"]!.AsArray().Should().BeEmpty();
    }

    private static string Path(Answer customer) => $"/api/customers/{customer["id"]}";
}
