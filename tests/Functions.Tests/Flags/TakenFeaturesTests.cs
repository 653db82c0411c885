using CustomerFunctions.Tests.Usage;
using CustomerFunctions.Tests.Webhooks;

namespace CustomerFunctions.Tests.Flags;

/// <summary>What a customer cannot do without a feature, and what becomes of what it made with it.</summary>
public sealed class TakenFeaturesTests(QuietApp quiet) : IClassFixture<QuietApp>
{
    private readonly App app = quiet.App;

    [Fact]
    public async Task Without_api_access_keys_and_service_accounts_are_refused_until_it_is_back()
    {
        var customer = (await Consumption.On(app, "free")).CustomerId;
        var path = $"/api/customers/{customer}";
        var account = await app.CreateServiceAccount(customer);
        var machines = new[] { app.Caller(await app.CreateApiKey(customer)), app.Caller(await app.CurrentSecret((string)account["secretName"]!)) };
        foreach (var machine in machines) { (await machine.Get(path)).ShouldBe(200); }
        var keys = (await app.Admin.Get(path + "/api-keys")).ShouldBe(200)["value"]!.AsArray();

        await Decide(customer, "apiAccess", enabled: false);

        foreach (var machine in machines)
        {
            Lacking(await machine.Get(path), "apiAccess");
            Lacking(await machine.Get("/api/plans"), "apiAccess");
            Lacking(await machine.Post("/api/auth/token", new { }), "apiAccess");
        }
        Lacking(await app.Admin.Post(path + "/api-keys", new { name = "another" }), "apiAccess", "trial", "free", "basic", "professional", "enterprise");
        Lacking(await app.Admin.Post($"{path}/api-keys/{keys[0]!["id"]}/roll", new { }), "apiAccess");
        (await app.Admin.Get(path + "/api-keys")).ShouldBe(200)["value"]!.AsArray().Should().HaveCount(1);
        await Decide(customer, "apiAccess", enabled: true);
        foreach (var machine in machines) { (await machine.Get(path)).ShouldBe(200); }
        (await app.Admin.Delete($"{path}/api-keys/{keys[0]!["id"]}")).ShouldBe(204);
    }

    [Fact]
    public async Task Without_webhooks_none_is_made_or_changed_and_those_there_are_send_nothing_until_they_are_enabled_again()
    {
        await using var receiver = await Receiver.Start();
        var customer = await On("professional");
        var path = $"/api/customers/{customer}";
        var webhook = $"{path}/webhooks/{(await app.Admin.Post(path + "/webhooks", new { url = receiver.Url, events = new[] { "customer.suspended" } })).ShouldBe(201)["webhook"]!["id"]}";
        (await app.Admin.Post(path + "/suspend", new { hold = "admin", reason = "on request" })).ShouldBe(200);

        ((string?)(await Change(customer, "basic"))["over"]![0]!["target"]).Should().Be("webhooks");
        await app.Cloud.RunTimer("SendWebhooks");

        receiver.Messages.Should().BeEmpty();
        var read = (await app.Admin.Get(webhook)).ShouldBe(200);
        ((string?)read["status"], (string?)read["disabledReason"]).Should().Be(("disabled", "The customer's plan has no webhooks."));
        Lacking(await app.Admin.Post(path + "/webhooks", new { url = receiver.Url }), "webhooks", "trial", "professional", "enterprise");
        Lacking(await app.Admin.Patch(webhook, new { enabled = true }, read.ETag), "webhooks");
        Lacking(await app.Admin.Post(webhook + "/rotate-secret"), "webhooks");
        Lacking(await app.Admin.Post(webhook + "/test"), "webhooks");
        await Decide(customer, "webhooks", enabled: true);
        (await app.Admin.Patch(webhook, new { enabled = true }, read.ETag)).ShouldBe(200);
        await app.Cloud.RunTimer("SendWebhooks");
        receiver.Messages.Should().ContainSingle("what waited is sent").Which.Type.Should().Be("customer.suspended");
        (await app.Admin.Delete($"{path}/feature-flags/webhooks")).ShouldBe(204);
        (await app.Admin.Delete(webhook, "*")).ShouldBe(204);
    }

    [Fact]
    public async Task Without_network_rules_those_there_are_stay_in_force_and_can_only_be_removed()
    {
        var customer = await On("professional");
        var path = $"/api/customers/{customer}";
        string[] elsewhere = ["203.0.113.0/24"];
        var confined = (await app.Admin.Post(path + "/api-keys", new { name = "confined", networks = elsewhere })).ShouldBe(201);
        var free = app.Caller(await app.CreateApiKey(customer));
        (await app.Admin.Put(path + "/ip-rules", new { networks = elsewhere }, "*")).ShouldBe(200);

        var over = (await Change(customer, "basic"))["over"]!.AsArray().Single()!;

        ((string?)over["target"], (long?)over["used"]).Should().Be(("networkRules", 2));
        (await free.Get(path)).ShouldBeRefused(403, "address-not-allowed");
        (await app.Admin.Get(path + "/ip-rules")).ShouldBe(200)["networks"]!.AsArray().Should().ContainSingle();
        Lacking(await app.Admin.Put(path + "/ip-rules", new { networks = new[] { "10.0.0.0/8" } }, "*"), "networkRules", "trial", "professional", "enterprise");
        Lacking(await app.Admin.Put(path + "/ip-rules", new { networks = Array.Empty<string>() }, "*"), "networkRules");
        Lacking(await app.Admin.Post(path + "/api-keys", new { name = "another", networks = elsewhere }), "networkRules");
        var key = $"{path}/api-keys/{confined["id"]}";
        Lacking(await app.Admin.Patch(key, new { networks = new[] { "10.0.0.0/8" } }, "*"), "networkRules");
        (await app.Admin.Patch(key, new { name = "renamed" }, "*")).ShouldBe(200)["networks"]!.AsArray().Should().ContainSingle();

        (await app.Admin.Delete(path + "/ip-rules", "*")).ShouldBe(204);

        (await free.Get(path)).ShouldBe(200);
        (await app.Caller((string)confined["key"]!).Get(path)).ShouldBeRefused(403, "address-not-allowed");
        (await app.Admin.Patch(key, new { networks = (string[]?)null }, "*")).ShouldBe(200).Object.ContainsKey("networks").Should().BeFalse();
    }

    [Fact]
    public async Task Without_key_rotation_keys_go_on_rotating_as_they_did_and_new_accounts_by_default()
    {
        var customer = await On("basic");
        var path = $"/api/customers/{customer}";
        var account = $"{path}/service-accounts/{(await app.CreateServiceAccount(customer, rotation: new { interval = "P7D" }))["id"]}";

        ((string?)(await Change(customer, "free"))["over"]![0]!["target"]).Should().Be("keyRotation");

        var before = (await app.Admin.Get(account)).ShouldBe(200);
        ((string?)before["rotation"]!["interval"]).Should().Be("P7D");
        Lacking(await app.Admin.Patch(account + "/rotation-policy", new { interval = "P8D" }, before.ETag), "keyRotation", "trial", "basic", "professional", "enterprise");
        Lacking(await app.Admin.Put(path + "/quiet-hours", new { hours = Array.Empty<object>() }, "*"), "keyRotation");
        Lacking(await app.Admin.Post(path + "/service-accounts", new { name = "own", kind = "apiCredential", rotation = new { interval = "P7D" } }), "keyRotation");
        ((string?)(await app.CreateServiceAccount(customer, "by-default"))["rotation"]!["interval"]).Should().Be("P90D");
        (await app.Admin.Post(account + "/rotate")).ShouldBe(202);
        foreach (var wait in new[] { TimeSpan.FromDays(8), TimeSpan.FromMinutes(11) })
        {
            await app.Cloud.Advance(wait);
            await app.Cloud.RunTimer("RotateServiceAccountKeys");
        }
        ((string?)(await app.Admin.Get(account)).ShouldBe(200)["latestRotation"]!["trigger"]).Should().Be("scheduled");
    }

    /// <summary>A new customer that has subscribed.</summary>
    private async Task<string> On(string plan)
    {
        var customer = (string)(await app.CreateCustomer())["id"]!;
        await Change(customer, plan);
        return customer;
    }

    private async Task<Answer> Change(string customer, string plan) => (await app.Admin.Post($"/api/customers/{customer}/subscription/change", new { planId = plan, start = "now" })).ShouldBe(200);

    private async Task Decide(string customer, string flag, bool enabled) => (await app.Admin.Put($"/api/customers/{customer}/feature-flags/{flag}", new { enabled })).ShouldBe(200);

    private static void Lacking(Answer answer, string feature, params string[] plans)
    {
        var refusal = answer.ShouldBeRefused(403, "feature-not-in-plan");
        ((string?)refusal["feature"]).Should().Be(feature);
        if (plans.Length > 0) { refusal["plans"]!.AsArray().Select(plan => (string?)plan).Should().Equal(plans); }
    }
}
