using CustomerFunctions.Shared;

namespace CustomerFunctions.Tests.ApiKeys;

public sealed class CreateApiKeyTests
{
    [Fact]
    public async Task The_key_stands_in_this_answer_and_nowhere_else()
    {
        var app = await App.Shared;
        var customerId = (string)(await app.CreateCustomer())["id"]!;

        var created = (await app.Admin.Post($"/api/customers/{customerId}/api-keys", new { name = " ci " })).ShouldBe(201);

        var key = (string)created["key"]!;
        var id = (string)created["id"]!;
        key.Should().StartWith($"cf_local_{Ids.Ulid(id)}_");
        ((string?)created["name"]).Should().Be("ci");
        created.Headers.CacheControl!.NoStore.Should().BeTrue();
        created.Headers.Location!.ToString().Should().Be($"/api/customers/{customerId}/api-keys/{id}");
        var stored = await app.ReadDocument("customers", customerId, id);
        stored.ToJsonString().Should().NotContain(key).And.NotContain(key[^49..]);
        ((string?)stored["hash"]).Should().Be(ApiKeyText.Parse(key)!.Hash());
        (await app.Admin.Get($"/api/customers/{customerId}/api-keys")).ShouldBe(200).Body.Should().NotContain(key[^49..]);
    }

    [Fact]
    public async Task It_works_at_once_as_a_bearer_token_and_as_a_header_of_its_own()
    {
        var app = await App.Shared;
        var customerId = (string)(await app.CreateCustomer())["id"]!;
        var key = await app.CreateApiKey(customerId);
        var path = $"{app.Cloud.Endpoint("functions")}/api/customers/{customerId}";

        (await app.Caller(key).Get(path)).ShouldBe(200);
        foreach (var (name, value) in new[] { ("X-Api-Key", key), ("Authorization", "bearer " + key), ("Authorization", "BEARER  " + key) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.TryAddWithoutValidation(name, value);
            (await app.Caller(key: null).Send(request)).ShouldBe(200);
        }
    }

    [Theory]
    [InlineData("{}", "/name", "required")]
    [InlineData("""{"name":""}""", "/name", "empty")]
    [InlineData("""{"name":"a\u0000"}""", "/name", "control-character")]
    [InlineData("""{"name":"a","expiresAt":"2001-01-01T00:00:00Z"}""", "/expiresAt", "in-the-past")]
    [InlineData("""{"name":"a","expiresAt":"tomorrow"}""", "/expiresAt", "wrong-type")]
    [InlineData("""{"name":"a","expiresAt":1893456000}""", "/expiresAt", "wrong-type")]
    [InlineData("""{"name":"a","key":"cf_mine"}""", "/key", "unknown-field")]
    public async Task A_wrong_field_is_named(string body, string field, string code)
    {
        var app = await App.Shared;
        var refused = await app.Admin.Post($"/api/customers/{(await app.CreateCustomer())["id"]}/api-keys", body);
        refused.ShouldBeRefused(400, "invalid-request", field);
        ((string?)refused["errors"]![0]!["code"]).Should().Be(code);
    }

    [Fact]
    public async Task A_customer_that_is_not_there_gets_none()
    {
        var app = await App.Shared;
        (await app.Admin.Post($"/api/customers/{Ids.Customer(TimeProvider.System)}/api-keys", new { name = "ci" })).ShouldBeRefused(404, "not-found");
    }
}
