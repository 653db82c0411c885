using CustomerFunctions.ApiKeys;
using CustomerFunctions.LeakDesk;

namespace CustomerFunctions.Tests.ApiKeys;

public sealed class RollApiKeyTests
{
    [Fact]
    public async Task The_old_value_goes_on_through_its_grace_and_not_a_moment_longer()
    {
        await using var app = await App.StartWithoutSchedules();
        var customerId = (string)(await app.CreateCustomer())["id"]!;
        var path = $"/api/customers/{customerId}";
        var created = (await app.Admin.Post(path + "/api-keys", new { name = "ci" })).ShouldBe(201);
        var old = app.Caller((string)created["key"]!);
        (await old.Get(path)).ShouldBe(200);

        var rolled = (await app.Admin.Post($"{path}/api-keys/{created["id"]}/roll", new { gracePeriod = "PT1H" })).ShouldBe(200);

        var fresh = app.Caller((string)rolled["key"]!);
        ((string?)rolled["id"]).Should().Be((string?)created["id"], "it is the same key with a new value");
        rolled.Headers.CacheControl!.NoStore.Should().BeTrue();
        (await fresh.Get(path)).ShouldBe(200);
        (await old.Get(path)).ShouldBe(200);
        (await app.Admin.Get($"{path}/api-keys/{created["id"]}")).ShouldBe(200)["graceExpiresAt"]!.ToString().Should().Be(rolled["graceExpiresAt"]!.ToString());
        await app.Cloud.Advance(TimeSpan.FromHours(1));
        (await old.Get(path)).ShouldBeRefused(401, "key-rotated");
        (await fresh.Get(path)).ShouldBe(200);
        var stored = (await app.ReadDocument("customers", customerId, (string)created["id"]!)).ToJsonString();
        stored.Should().NotContain((string)created["key"]!).And.NotContain((string)rolled["key"]!);
    }

    [Fact]
    public async Task Without_a_grace_the_old_value_is_refused_at_once()
    {
        var app = await App.Shared;
        var path = $"/api/customers/{(await app.CreateCustomer())["id"]}";
        var created = (await app.Admin.Post(path + "/api-keys", new { name = "ci" })).ShouldBe(201);
        var old = app.Caller((string)created["key"]!);
        (await old.Get(path)).ShouldBe(200);

        var fresh = app.Caller((string)(await old.Post($"{path}/api-keys/{created["id"]}/roll", new { gracePeriod = "PT0S" })).ShouldBe(200)["key"]!);

        (await old.Get(path)).ShouldBeRefused(401, "key-rotated");
        (await fresh.Get(path)).ShouldBe(200);
    }

    [Fact]
    public async Task Ten_concurrent_rolls_leave_as_many_good_values_as_they_handed_out()
    {
        var app = await App.Shared;
        var path = $"/api/customers/{(await app.CreateCustomer())["id"]}";
        var created = (await app.Admin.Post(path + "/api-keys", new { name = "ci" })).ShouldBe(201);

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => app.Admin.Post($"{path}/api-keys/{created["id"]}/roll", "{}")));

        var rolled = answers.Where(answer => answer.Status == 200).ToList();
        rolled.Should().HaveCount(ApiKey.MaxInGrace);
        foreach (var refused in answers.Except(rolled)) { refused.ShouldBeRefused(409, "too-many-in-grace"); }
        foreach (var answer in rolled.Append(created)) { (await app.Caller((string)answer["key"]!).Get(path)).ShouldBe(200); }
    }

    [Fact]
    public async Task Only_an_active_key_is_rolled_and_only_with_a_grace_from_the_list()
    {
        var app = await App.Shared;
        var path = $"/api/customers/{(await app.CreateCustomer())["id"]}/api-keys";
        var id = (string)(await app.Admin.Post(path, new { name = "ci" })).ShouldBe(201)["id"]!;

        (await app.Admin.Post($"{path}/{id}/roll", new { gracePeriod = "P2D" })).ShouldBeRefused(400, "invalid-request", "/gracePeriod");
        (await app.Admin.Post($"{path}/key_01M7Y40N37J6FNPYS4GAQYTKN5/roll", "{}")).ShouldBeRefused(404, "not-found");
        (await app.Admin.Delete($"{path}/{id}")).ShouldBe(204);
        (await app.Admin.Post($"{path}/{id}/roll", "{}")).ShouldBeRefused(409, "key-not-active");
    }

    [Fact]
    public void A_grace_never_outlives_the_key()
    {
        var now = new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);
        var key = new ApiKey { Id = "key_1", Type = ApiKey.DocumentType, CustomerId = "cus_1", Name = "ci", Hash = "a", LastFour = "aaaa", State = ApiKeyState.Active, CreatedAt = now, CreatedBy = "x", ExpiresAt = now.AddHours(2) };

        key.Roll("b", "bbbb", TimeSpan.FromHours(1), "x", now).Superseded.Single().GraceExpiresAt.Should().Be(now.AddHours(1));
        key.Roll("b", "bbbb", TimeSpan.FromDays(7), "x", now).Superseded.Single().GraceExpiresAt.Should().Be(now.AddHours(2));
        // The key may be given an end after its value was rolled: when it leaks.
        var shortened = (key with { ExpiresAt = null }).Roll("b", "bbbb", TimeSpan.FromDays(7), "x", now).Leaked("b", LeakResponse.Grace, TimeSpan.FromHours(3), "x", now)!;
        shortened.InGrace(now.AddHours(3)).Should().BeEmpty();
        shortened.AsKeyHolder().Keys.Should().OnlyContain(held => held.RefusalAt(now.AddHours(3)) != null);
    }
}
