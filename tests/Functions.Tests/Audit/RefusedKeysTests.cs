using System.Text.Json.Nodes;
using CustomerFunctions.Tests.ServiceAccounts;

namespace CustomerFunctions.Tests.Audit;

/// <summary>The use of a key that no longer works shows on the key, in the audit log and in the access log.</summary>
public sealed class RefusedKeysTests
{
    private static readonly TimeSpan WriteTime = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task The_use_of_a_key_that_was_revoked_disabled_rolled_or_is_over_leaves_its_trace()
    {
        await using var app = await App.StartWithoutSchedules();
        var id = (string)(await app.CreateCustomer())["id"]!;
        var path = $"/api/customers/{id}";
        foreach (var (code, change) in new (string Code, Func<JsonNode, Task> Change)[]
        {
            ("key-revoked", async key => (await app.Admin.Delete($"{path}/api-keys/{key}")).ShouldBe(204)),
            ("key-disabled", async key => (await app.Admin.Patch($"{path}/api-keys/{key}", new { enabled = false }, "*")).ShouldBe(200)),
            ("key-rotated", async key => (await app.Admin.Post($"{path}/api-keys/{key}/roll", new { gracePeriod = "PT0S" })).ShouldBe(200)),
            ("key-expired", _ => app.Cloud.Advance(TimeSpan.FromDays(1))),
        })
        {
            var created = (await app.Admin.Post(path + "/api-keys", new { name = code, expiresAt = await app.Cloud.Now() + TimeSpan.FromDays(1) })).ShouldBe(201);
            var (holder, key) = (app.Caller((string)created["key"]!), (string)created["id"]!);
            (await holder.Get(path)).ShouldBe(200);
            (await app.Admin.Get($"{path}/api-keys/{key}")).ShouldBe(200)["lastRefusedAt"].Should().BeNull();

            await change(key);
            for (var i = 0; i < 5; i++) { (await holder.Get(path)).ShouldBeRefused(401, code); }

            JsonObject seen = [];
            await Eventually.True(async () => (seen = (await app.Admin.Get($"{path}/api-keys/{key}")).ShouldBe(200).Object)["lastRefusedAt"] is not null, WriteTime, $"the key shows {code}");
            $"{seen["lastRefusedFor"]} {seen["lastRefusedFrom"]}".Should().Be($"{code} 127.0.0.1");
            var trail = new AuditTrail(app, id);
            await Eventually.True(async () => (await trail.Events($"action=apiKey.refused&actor={key}")).Count > 0, WriteTime, "the refusal is in the log");
            var happened = (await trail.Events($"action=apiKey.refused&actor={key}")).Should().ContainSingle("the same again says nothing new").Subject;
            $"{happened["metadata"]!["code"]} {happened["targets"]![0]!["type"]} {happened["targets"]![0]!["id"]} {happened["context"]!["location"]}".Should().Be($"{code} apiKey {key} 127.0.0.1");
            happened.ToJsonString().Should().NotContain(((string)created["key"]!)[^40..]);
            await app.Cloud.Advance(TimeSpan.FromMinutes(2));
            await Eventually.True(async () => await Counted(app, $"{path}/access-log?key={key}") == 5, WriteTime, "all five are counted");
        }
    }

    [Fact]
    public async Task A_token_of_a_revoked_key_and_a_key_that_is_used_from_elsewhere_show_on_the_key()
    {
        var app = await App.Shared;
        var path = $"/api/customers/{(await app.CreateCustomer())["id"]}";
        var revoked = (await app.Admin.Post(path + "/api-keys", new { name = "revoked" })).ShouldBe(201);
        var confined = (await app.Admin.Post(path + "/api-keys", new { name = "confined", networks = new[] { "203.0.113.0/24" } })).ShouldBe(201);
        var token = (string)(await app.Caller((string)revoked["key"]!).Post("/api/auth/token", "{}")).ShouldBe(200)["accessToken"]!;
        (await app.Admin.Delete($"{path}/api-keys/{revoked["id"]}")).ShouldBe(204);

        (await app.Caller(token).Get(path)).ShouldBeRefused(401, "key-revoked");
        (await app.Caller((string)confined["key"]!).Get(path)).ShouldBeRefused(403, "address-not-allowed");

        foreach (var (key, code) in new[] { (revoked, "key-revoked"), (confined, "address-not-allowed") })
        {
            await Eventually.True(async () => (string?)(await app.Admin.Get($"{path}/api-keys/{key["id"]}")).ShouldBe(200)["lastRefusedFor"] == code, WriteTime, $"the key shows {code}");
        }
    }

    [Fact]
    public async Task A_service_accounts_credential_that_is_used_after_its_retirement_leaves_its_trace()
    {
        await using var app = await App.StartWithoutSchedules();
        var account = await RotatedAccount.Create(app, RotatedAccount.ApiCredential);
        var (value, version) = await account.Current();
        (await app.Caller(value).Get(account.Path)).ShouldBe(200);
        (await app.Admin.Post(account.Path + "/rotate", new { mode = "emergency", reason = "found in a log" })).Status.Should().BeOneOf(200, 202);
        await Eventually.True(async () => (await app.Caller(value).Get(account.Path)).Status == 401, WriteTime, "the old credential is refused");

        var trail = new AuditTrail(app, account.CustomerId);
        await Eventually.True(async () => (await trail.Events("action=serviceAccount.keyRefused")).Count > 0, WriteTime, "the refusal is in the log");
        var happened = (await trail.Events("action=serviceAccount.keyRefused")).Should().ContainSingle().Subject;
        happened["targets"]!.AsArray().Select(target => $"{target!["type"]} {target["id"]}").Should().Equal($"serviceAccount {account.Id}", $"key {version}");
        ((string)happened["metadata"]!["code"]!).Should().BeOneOf("key-rotated", "key-revoked");
        await app.Cloud.Advance(TimeSpan.FromMinutes(2));
        await Eventually.True(async () => await Counted(app, account.Path + "/access-log?maxpagesize=200") > 0, WriteTime, "the account's own log counts it");
    }

    [Fact]
    public async Task Choosing_a_customer_and_a_default_are_events()
    {
        var app = await App.Shared;
        var person = await Person.SignedUp(app);
        var (id, customer) = (await person.Id(), (string)(await app.CreateCustomer())["id"]!);
        // The first one that a person belongs to is the default without being chosen.
        foreach (var joined in new[] { (string)(await app.CreateCustomer())["id"]!, customer }) { (await app.Admin.Put($"/api/customers/{joined}/members/{id}", new { role = "viewer" })).ShouldBe(201); }

        for (var i = 0; i < 2; i++)
        {
            (await person.Api.Post("/api/auth/switch-customer", new { customerId = customer })).ShouldBe(200);
            (await person.Api.Post($"/api/accounts/{id}/customers/{customer}/set-default")).ShouldBe(200);
        }

        var own = await new AuditTrail(app, id).Events();
        var switched = own.Should().ContainSingle(happened => (string?)happened["action"] == "session.customerSwitched").Subject;
        switched["targets"]!.AsArray().Select(target => (string)target!["type"]!).Should().Equal("account", "session", "customer");
        ((string)switched["targets"]![2]!["id"]!).Should().Be(customer);
        var chosen = own.Should().ContainSingle(happened => (string?)happened["action"] == "account.defaultCustomerChanged").Subject;
        ((string)chosen["targets"]![1]!["id"]!).Should().Be(customer);
        var theirs = (await new AuditTrail(app, customer).Events("action=session.customerSwitched")).Should().ContainSingle().Subject;
        ((string)theirs["actor"]!["id"]!).Should().Be(id);
    }

    private static async Task<long> Counted(App app, string log) =>
        (await app.Admin.Get(log)).ShouldBe(200)["value"]!.AsArray().Where(entry => (string)entry!["what"]! == "keyRefused").Sum(entry => (long)entry!["count"]!);
}
