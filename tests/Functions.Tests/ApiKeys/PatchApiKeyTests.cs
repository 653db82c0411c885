namespace CustomerFunctions.Tests.ApiKeys;

public sealed class PatchApiKeyTests
{
    [Fact]
    public async Task A_disabled_key_is_refused_at_once_until_it_is_enabled()
    {
        var app = await App.Shared;
        var path = $"/api/customers/{(await app.CreateCustomer())["id"]}";
        var created = (await app.Admin.Post(path + "/api-keys", new { name = "ci" })).ShouldBe(201);
        var holder = app.Caller((string)created["key"]!);
        var key = $"{path}/api-keys/{created["id"]}";
        (await holder.Get(path)).ShouldBe(200);

        var disabled = (await app.Admin.Patch(key, new { enabled = false }, (await app.Admin.Get(key)).ETag)).ShouldBe(200);

        ((string?)disabled["state"]).Should().Be("disabled");
        (await holder.Get(path)).ShouldBeRefused(401, "key-disabled");
        (await app.Admin.Patch(key, new { enabled = true, name = "build" }, disabled.ETag)).ShouldBe(200);
        (await holder.Get(path)).ShouldBe(200);
    }

    [Fact]
    public async Task Scopes_confine_a_key_and_it_makes_none_that_may_more()
    {
        var app = await App.Shared;
        var path = $"/api/customers/{(await app.CreateCustomer())["id"]}";
        var holder = app.Caller((string)(await app.Admin.Post(path + "/api-keys", new { name = "ci", scopes = new[] { "apiKeys.read", "apiKeys.write" } })).ShouldBe(201)["key"]!);

        (await holder.Get(path)).ShouldBeRefused(403, "scope-missing");
        (await holder.Get(path + "/api-keys")).ShouldBe(200);
        (await holder.Post(path + "/api-keys", new { name = "all" })).ShouldBeRefused(403, "forbidden");
        (await holder.Post(path + "/api-keys", new { name = "more", scopes = new[] { "customers.read" } })).ShouldBeRefused(403, "forbidden");
        var own = (await holder.Post(path + "/api-keys", new { name = "less", scopes = new[] { "apiKeys.read" } })).ShouldBe(201);
        var key = $"{path}/api-keys/{own["id"]}";
        (await holder.Patch(key, new { scopes = (string[]?)null }, (await app.Admin.Get(key)).ETag)).ShouldBeRefused(403, "forbidden");
    }

    [Fact]
    public async Task Every_permission_outside_a_keys_scopes_is_refused_on_every_route()
    {
        var app = await App.Shared;
        var path = $"/api/customers/{(await app.CreateCustomer())["id"]}";
        var holder = app.Caller((string)(await app.Admin.Post(path + "/api-keys", new { name = "ci", scopes = new[] { "customers.read" } })).ShouldBe(201)["key"]!);

        (await holder.Get(path)).ShouldBe(200);
        (await holder.Put(path, new { name = "x", email = App.NewEmail() }, "*")).ShouldBeRefused(403, "scope-missing");
        (await holder.Get(path + "/service-accounts")).ShouldBeRefused(403, "scope-missing");
        (await holder.Delete(path, "*")).ShouldBeRefused(403, "forbidden");
    }

    [Fact]
    public async Task Networks_confine_a_key_to_where_it_may_be_used()
    {
        var app = await App.Shared;
        var path = $"/api/customers/{(await app.CreateCustomer())["id"]}";
        var created = (await app.Admin.Post(path + "/api-keys", new { name = "ci", networks = new[] { "203.0.113.0/24", "2001:db8::/32" } })).ShouldBe(201);
        var instance = await app.UrlOf(0);

        foreach (var (address, status) in new[] { ("203.0.113.7", 200), ("::ffff:203.0.113.7", 200), ("2001:db8::1", 200), ("198.51.100.1", 403), ("2001:db9::1", 403), ("203.0.113.7, 198.51.100.1", 403), ("198.51.100.1, 203.0.113.7", 200) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, instance + path);
            request.Headers.TryAddWithoutValidation("X-Forwarded-For", address);
            (await app.Caller((string)created["key"]!).Send(request)).Status.Should().Be(status, address);
        }
        (await app.Caller((string)created["key"]!).Get(path)).ShouldBeRefused(403, "address-not-allowed");
    }

    [Theory]
    [InlineData("""{"scopes":[]}""", "/scopes")]
    [InlineData("""{"scopes":["customers.delete"]}""", "/scopes/0")]
    [InlineData("""{"scopes":["customers.read","customers.read"]}""", "/scopes/1")]
    [InlineData("""{"scopes":"customers.read"}""", "/scopes")]
    [InlineData("""{"networks":["203.0.113.1/24"]}""", "/networks/0")]
    [InlineData("""{"networks":["::ffff:203.0.113.0/120"]}""", "/networks/0")]
    [InlineData("""{"networks":["example.com"]}""", "/networks/0")]
    [InlineData("""{"name":null}""", "/name")]
    [InlineData("""{"enabled":null}""", "/enabled")]
    [InlineData("""{"expiresAt":"2031-01-01T00:00:00Z"}""", "/expiresAt")]
    public async Task A_wrong_field_is_named_and_nothing_changes(string patch, string field)
    {
        var app = await App.Shared;
        var path = $"/api/customers/{(await app.CreateCustomer())["id"]}/api-keys";
        var key = $"{path}/{(await app.Admin.Post(path, new { name = "ci" })).ShouldBe(201)["id"]}";
        var before = (await app.Admin.Get(key)).ShouldBe(200);

        (await app.Admin.Send(HttpMethod.Patch, key, patch, before.ETag, "application/merge-patch+json")).ShouldBeRefused(400, "invalid-request", field);

        (await app.Admin.Get(key)).Body.Should().Be(before.Body);
    }

    [Fact]
    public async Task It_needs_the_version_that_was_read_and_a_key_that_is_not_revoked()
    {
        var app = await App.Shared;
        var path = $"/api/customers/{(await app.CreateCustomer())["id"]}/api-keys";
        var key = $"{path}/{(await app.Admin.Post(path, new { name = "ci" })).ShouldBe(201)["id"]}";
        var first = (await app.Admin.Get(key)).ShouldBe(200);
        (await app.Admin.Patch(key, new { name = "other" }, first.ETag)).ShouldBe(200);

        (await app.Admin.Patch(key, new { name = "late" })).ShouldBeRefused(428, "if-match-required");
        (await app.Admin.Patch(key, new { name = "late" }, first.ETag)).ShouldBeRefused(412, "stale");
        (await app.Admin.Delete(key)).ShouldBe(204);
        (await app.Admin.Patch(key, new { enabled = true }, "*")).ShouldBeRefused(409, "key-not-active");
    }
}
