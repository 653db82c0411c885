namespace CustomerFunctions.Tests.ApiKeys;

public sealed class GetApiKeyTests
{
    [Fact]
    public async Task Its_last_use_is_noted_behind_the_answer_and_at_most_once_a_minute()
    {
        await using var app = await App.StartWithoutSchedules();
        var path = $"/api/customers/{(await app.CreateCustomer())["id"]}";
        var created = (await app.Admin.Post(path + "/api-keys", new { name = "ci" })).ShouldBe(201);
        var key = $"{path}/api-keys/{created["id"]}";
        var holder = app.Caller((string)created["key"]!);
        (await app.Admin.Get(key)).ShouldBe(200)["lastUsedAt"].Should().BeNull();

        (await holder.Get(path)).ShouldBe(200);

        await Eventually.True(async () => (await app.Admin.Get(key))["lastUsedAt"] is not null, TimeSpan.FromSeconds(10), "the use is noted");
        var first = (await app.Admin.Get(key)).ShouldBe(200);
        ((string?)first["lastUsedFrom"]).Should().NotBeNullOrEmpty();
        (await holder.Get(path)).ShouldBe(200);
        await app.Cloud.Advance(TimeSpan.FromMinutes(2));
        (await holder.Get(path)).ShouldBe(200);
        await Eventually.True(async () => (string?)(await app.Admin.Get(key))["lastUsedAt"] != (string?)first["lastUsedAt"], TimeSpan.FromSeconds(10), "a use two minutes later is noted anew");
        var between = (DateTimeOffset)(await app.Admin.Get(key))["lastUsedAt"]! - (DateTimeOffset)first["lastUsedAt"]!;
        between.Should().BeGreaterThan(TimeSpan.FromMinutes(1), "the second use within the minute was not noted");
    }

    [Fact]
    public async Task Its_value_is_not_in_the_answer_and_an_unknown_id_is_not_found()
    {
        var app = await App.Shared;
        var path = $"/api/customers/{(await app.CreateCustomer())["id"]}/api-keys";
        var created = (await app.Admin.Post(path, new { name = "ci", networks = new[] { "127.0.0.0/8" }, scopes = new[] { "customers.read" } })).ShouldBe(201);

        var read = (await app.Admin.Get($"{path}/{created["id"]}")).ShouldBe(200);

        read.Body.Should().NotContain(((string)created["key"]!)[^40..]).And.Contain("127.0.0.0/8").And.Contain("customers.read");
        (await app.Admin.Get(path + "/key_01M7Y40N37J6FNPYS4GAQYTKN5")).ShouldBeRefused(404, "not-found");
        (await app.Admin.Get(path + "/x")).ShouldBeRefused(404, "not-found");
    }
}
