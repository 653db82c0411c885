namespace CustomerFunctions.Tests.ApiKeys;

public sealed class ExchangeTokenTests
{
    [Fact]
    public async Task A_token_may_what_was_asked_for_until_its_time_or_its_keys_is_over()
    {
        await using var app = await App.StartWithoutSchedules();
        var customerId = (string)(await app.CreateCustomer())["id"]!;
        var path = $"/api/customers/{customerId}";
        var key = app.Caller(await app.CreateApiKey(customerId));

        var narrow = (await key.Post("/api/auth/token", new { scopes = new[] { "customers.read" }, lifetime = "PT5M" })).ShouldBe(200);
        var wide = (await key.Post("/api/auth/token", "{}")).ShouldBe(200);

        var holder = app.Caller((string)narrow["accessToken"]!);
        (await holder.Get(path)).ShouldBe(200);
        (await holder.Get(path + "/api-keys")).ShouldBeRefused(403, "scope-missing");
        (await app.Caller((string)wide["accessToken"]!).Get(path + "/api-keys")).ShouldBe(200);
        (await holder.Post("/api/auth/token", "{}")).Status.Should().Be(403, "a token is not exchanged again");
        await app.Cloud.Advance(TimeSpan.FromMinutes(5));
        (await holder.Get(path)).ShouldBeRefused(401, "token-expired");
        (await app.Caller((string)wide["accessToken"]!).Get(path)).ShouldBe(200);
    }

    [Fact]
    public async Task It_ends_with_the_key_that_it_came_from()
    {
        var app = await App.Shared;
        var path = $"/api/customers/{(await app.CreateCustomer())["id"]}";
        var created = (await app.Admin.Post(path + "/api-keys", new { name = "ci" })).ShouldBe(201);
        var token = (string)(await app.Caller((string)created["key"]!).Post("/api/auth/token", "{}")).ShouldBe(200)["accessToken"]!;
        (await app.Caller(token).Get(path)).ShouldBe(200);

        (await app.Admin.Delete($"{path}/api-keys/{created["id"]}")).ShouldBe(204);

        (await app.Caller(token).Get(path)).ShouldBeRefused(401, "key-revoked");
        (await app.Caller(token[..^2] + "xx").Get(path)).ShouldBeRefused(401, "unauthenticated");
    }

    [Fact]
    public async Task A_service_accounts_credential_is_exchanged_too_and_a_confined_key_gives_no_more_than_it_has()
    {
        var app = await App.Shared;
        var customerId = (string)(await app.CreateCustomer())["id"]!;
        var path = $"/api/customers/{customerId}";
        var account = await app.CreateServiceAccount(customerId);
        var token = (string)(await app.Caller(await app.CurrentSecret((string)account["secretName"]!)).Post("/api/auth/token", "{}")).ShouldBe(200)["accessToken"]!;
        (await app.Caller(token).Get(path)).ShouldBe(200);
        (await app.Caller(token).Post(path + "/api-keys", new { name = "x" })).Status.Should().Be(403);

        var confined = app.Caller((string)(await app.Admin.Post(path + "/api-keys", new { name = "ci", scopes = new[] { "customers.read", "tokens.exchange" } })).ShouldBe(201)["key"]!);
        (await confined.Post("/api/auth/token", new { scopes = new[] { "apiKeys.read" } })).ShouldBeRefused(400, "invalid-request", "/scopes/0");
        (await confined.Post("/api/auth/token", "{}")).ShouldBe(200)["scopes"]!.AsArray().Select(scope => (string)scope!).Should().Equal("customers.read");
        (await app.Admin.Post("/api/auth/token", "{}")).Status.Should().Be(403);
    }

    [Theory]
    [InlineData("""{"lifetime":"PT2H"}""", "/lifetime")]
    [InlineData("""{"lifetime":"PT1S"}""", "/lifetime")]
    [InlineData("""{"scopes":[]}""", "/scopes")]
    [InlineData("""{"scopes":["customers.delete"]}""", "/scopes/0")]
    public async Task A_wrong_field_is_named(string body, string field)
    {
        var app = await App.Shared;
        (await app.Caller(await app.CreateApiKey((string)(await app.CreateCustomer())["id"]!)).Post("/api/auth/token", body)).ShouldBeRefused(400, "invalid-request", field);
    }
}
