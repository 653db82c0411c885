using System.Security.Cryptography;
using System.Text;

namespace CustomerFunctions.Tests.ApiKeys;

public sealed class ImportApiKeyTests
{
    [Fact]
    public async Task A_key_of_an_older_system_goes_on_working_and_can_be_revoked()
    {
        var app = await App.Shared;
        var path = $"/api/customers/{(await app.CreateCustomer())["id"]}";
        var legacy = NewLegacyKey();

        var imported = (await app.Admin.Post(path + "/api-keys/import", Request(legacy))).ShouldBe(201);

        (await app.Caller(legacy).Get(path)).ShouldBe(200);
        (await app.Caller(legacy + "x").Get(path)).ShouldBeRefused(401, "unauthenticated");
        ((string?)imported["hint"]).Should().Be("…" + legacy[^4..]);
        (await app.Admin.Delete($"{path}/api-keys/{imported["id"]}")).ShouldBe(204);
        (await app.Caller(legacy).Get(path)).ShouldBeRefused(401, "key-revoked");
    }

    [Fact]
    public async Task A_key_that_was_tried_before_it_was_imported_works_at_once()
    {
        var app = await App.Shared;
        var path = $"/api/customers/{(await app.CreateCustomer())["id"]}";
        var legacy = NewLegacyKey();
        var (holder, admin) = (await app.CallerOf(0, legacy), await app.AdminAt(0));
        (await holder.Get(path)).ShouldBeRefused(401, "unauthenticated");

        (await admin.Post(path + "/api-keys/import", Request(legacy))).ShouldBe(201);

        (await holder.Get(path)).ShouldBe(200);
    }

    [Fact]
    public async Task Rolling_it_gives_a_value_of_our_form_and_the_old_one_its_grace()
    {
        await using var app = await App.StartWithoutSchedules();
        var path = $"/api/customers/{(await app.CreateCustomer())["id"]}";
        var legacy = NewLegacyKey();
        var imported = (await app.Admin.Post(path + "/api-keys/import", Request(legacy))).ShouldBe(201);
        (await app.Caller(legacy).Get(path)).ShouldBe(200);

        var rolled = (await app.Caller(legacy).Post($"{path}/api-keys/{imported["id"]}/roll", new { gracePeriod = "PT1H" })).ShouldBe(200);

        ((string)rolled["key"]!).Should().StartWith("cf_local_");
        (await app.Caller((string)rolled["key"]!).Get(path)).ShouldBe(200);
        (await app.Caller(legacy).Get(path)).ShouldBe(200);
        await app.Cloud.Advance(TimeSpan.FromHours(2));
        (await app.Caller(legacy).Get(path)).ShouldBeRefused(401, "key-rotated");
    }

    [Fact]
    public async Task One_key_belongs_to_one_customer_whoever_imports_it_how_often_at_once()
    {
        var app = await App.Shared;
        var customers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => app.CreateCustomer()));
        var legacy = NewLegacyKey();

        var answers = await Task.WhenAll(customers.SelectMany(customer => Enumerable.Range(0, 3).Select(_ => app.Admin.Post($"/api/customers/{customer["id"]}/api-keys/import", Request(legacy)))));

        answers.Count(answer => answer.Status == 201).Should().Be(1);
        foreach (var refused in answers.Where(answer => answer.Status != 201)) { refused.ShouldBeRefused(409, "key-taken"); }
        var reached = await Task.WhenAll(customers.Select(customer => app.Caller(legacy).Get($"/api/customers/{customer["id"]}")));
        reached.Count(answer => answer.Status == 200).Should().Be(1);
        reached.Count(answer => answer.Status == 404).Should().Be(3);
    }

    [Theory]
    [InlineData("""{"lastFour":"abcd","sha256":"00","name":"x"}""", "/sha256")]
    [InlineData("""{"lastFour":"abcd","name":"x"}""", "/sha256")]
    [InlineData("""{"sha256":"0000000000000000000000000000000000000000000000000000000000000000","name":"x"}""", "/lastFour")]
    [InlineData("""{"sha256":"0000000000000000000000000000000000000000000000000000000000000000","lastFour":"abcd"}""", "/name")]
    public async Task A_wrong_field_is_named(string body, string field)
    {
        var app = await App.Shared;
        (await app.Admin.Post($"/api/customers/{(await app.CreateCustomer())["id"]}/api-keys/import", body)).ShouldBeRefused(400, "invalid-request", field);
    }

    private static string NewLegacyKey() => "iso-" + Convert.ToBase64String(RandomNumberGenerator.GetBytes(24));

    private static object Request(string legacy) =>
        new { name = "old", sha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(legacy))), lastFour = legacy[^4..] };
}
