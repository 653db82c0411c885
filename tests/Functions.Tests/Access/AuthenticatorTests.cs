using CustomerFunctions.Access;
using CustomerFunctions.Shared;

namespace CustomerFunctions.Tests.Access;

public sealed class AuthenticatorTests
{
    [Fact]
    public async Task Whatever_is_no_key_of_ours_is_a_plain_401()
    {
        var app = await App.Shared;
        var customer = await app.CreateCustomer();
        var key = await app.CreateApiKey((string)customer["id"]!);
        string?[] wrong =
        [
            null, "", "x", "cf_", key + "x", key[..^1], key[..^1] + (key[^1] == 'x' ? 'y' : 'x'), key.ToUpperInvariant(), new string('a', 8_000),
            ApiKeyText.Create("local", ApiKeyText.Parse(key)!.Holder).Reveal(),
            ApiKeyText.Create("local", Ids.NewUlid(TimeProvider.System)).Reveal(),
            ApiKeyText.Create("local", BootstrapAdmin.Holder).Reveal(),
        ];

        foreach (var credential in wrong)
        {
            var refused = (await app.Caller(credential).Get($"/api/customers/{customer["id"]}")).ShouldBeRefused(401, "unauthenticated");
            refused.Headers.WwwAuthenticate.Should().ContainSingle().Which.Scheme.Should().Be("Bearer");
        }
    }

    [Theory]
    [InlineData("Authorization", "Basic {0}")]
    [InlineData("Authorization", "{0}")]
    [InlineData("Cookie", "key={0}")]
    public async Task A_key_in_another_place_is_none(string header, string value)
    {
        var app = await App.Shared;
        var customer = await app.CreateCustomer();
        var key = await app.CreateApiKey((string)customer["id"]!);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{app.Cloud.Endpoint("functions")}/api/customers/{customer["id"]}?key={key}");
        request.Headers.TryAddWithoutValidation(header, value.Replace("{0}", key, StringComparison.Ordinal));

        (await app.Caller(key: null).Send(request)).ShouldBeRefused(401, "unauthenticated");
    }

    [Fact]
    public async Task A_key_works_until_the_instant_it_expires()
    {
        await using var app = await App.StartWithoutSchedules();
        var customerId = (string)(await app.CreateCustomer())["id"]!;
        var expiresAt = await app.Cloud.Now() + TimeSpan.FromHours(1);
        var holder = app.Caller((string)(await app.Admin.Post($"/api/customers/{customerId}/api-keys", new { name = "ci", expiresAt })).ShouldBe(201)["key"]!);

        await app.Cloud.Advance(TimeSpan.FromMinutes(58));
        (await holder.Get($"/api/customers/{customerId}")).ShouldBe(200);
        await app.Cloud.Advance(TimeSpan.FromMinutes(2));

        (await holder.Get($"/api/customers/{customerId}")).ShouldBeRefused(401, "key-expired");
    }

    [Fact]
    public async Task A_suspension_a_revocation_and_a_deletion_reach_another_instance_within_the_freshness()
    {
        await using var app = await App.StartWithoutSchedules("--instances", "2");
        var (here, there) = (await app.CallerOf(0, app.AdminKey), 1);
        await Task.WhenAll(
            ReachesIt("customer-suspended", 403, path => here.Post(path + "/deactivate")),
            ReachesIt("key-revoked", 401, async path => await here.Delete($"{path}/api-keys/{(await here.Get(path + "/api-keys"))["value"]![0]!["id"]}")),
            ReachesIt("unauthenticated", 401, async path => await here.Delete(path, (await here.Get(path)).ETag)));

        async Task ReachesIt(string code, int status, Func<string, Task<Answer>> change)
        {
            var customer = await app.CreateCustomer();
            var path = $"/api/customers/{customer["id"]}";
            var key = await app.CreateApiKey((string)customer["id"]!);
            var (holderHere, holderThere) = (await app.CallerOf(0, key), await app.CallerOf(there, key));
            (await holderHere.Get(path)).ShouldBe(200);
            (await holderThere.Get(path)).ShouldBe(200);

            (await change(path)).Status.Should().BeOneOf(200, 204);

            (await holderHere.Get(path)).ShouldBeRefused(status, code);
            await Eventually.True(async () => (await holderThere.Get(path)).Status != 200, Authenticator.Freshness + TimeSpan.FromSeconds(1), $"the other instance says {code}");
            (await holderThere.Get(path)).ShouldBeRefused(status, code);
        }
    }
}
