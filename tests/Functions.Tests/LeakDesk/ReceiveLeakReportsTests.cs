using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using CustomerFunctions.Shared;
using CustomerFunctions.Tests.Audit;
using CustomerFunctions.Tests.ServiceAccounts;

namespace CustomerFunctions.Tests.LeakDesk;

public sealed class ReceiveLeakReportsTests
{
    [Fact]
    public async Task A_leaked_key_is_revoked_at_once_and_the_scanner_learns_that_it_was_one()
    {
        var app = await App.Shared;
        var customerId = (string)(await app.CreateCustomer())["id"]!;
        var key = await app.CreateApiKey(customerId);
        (await app.Caller(key).Get($"/api/customers/{customerId}")).ShouldBe(200);
        var strange = ApiKeyText.Create("local", Ids.NewUlid(TimeProvider.System)).Reveal();

        var verdicts = await Report(app, key, strange, "ghp_notOurs", "");

        verdicts.Select(verdict => (string)verdict!["label"]!).Should().Equal("true_positive", "false_positive", "false_positive", "false_positive");
        ((string)verdicts[0]!["token_hash"]!).Should().Be(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key))));
        verdicts.ToJsonString().Should().NotContain(key[^40..]);
        (await app.Caller(key).Get($"/api/customers/{customerId}")).ShouldBeRefused(401, "key-revoked");
        (await Report(app, key)).Single()!["label"]!.ToString().Should().Be("true_positive", "a key that was one of ours stays one");
    }

    [Fact]
    public async Task The_customers_owners_are_told_by_mail_once()
    {
        var app = await App.Shared;
        var owner = await Person.SignedUp(app);
        var customerId = (string)(await owner.Api.Post($"/api/accounts/{await owner.Id()}/customers")).ShouldBe(201)["customerId"]!;
        var created = (await app.Admin.Post($"/api/customers/{customerId}/api-keys", new { name = "ci" })).ShouldBe(201);

        await Report(app, (string)created["key"]!);
        await owner.LinkIn("key-leaked");
        await Report(app, (string)created["key"]!);

        var mail = (await owner.Mails("key-leaked")).Should().ContainSingle().Which!;
        ((string)mail["data"]!["about"]!["thingId"]!).Should().Be((string)created["id"]!);
        ((string)mail["data"]!["about"]!["customerId"]!).Should().Be(customerId);
        mail.ToJsonString().Should().NotContain(((string)created["key"]!)[^40..]);
    }

    [Fact]
    public async Task What_staff_sets_and_what_the_desk_does_about_a_leak_are_in_the_customers_log_without_any_key()
    {
        var app = await App.Shared;
        var id = (string)(await app.CreateCustomer())["id"]!;
        var path = $"/api/customers/{id}";
        var key = await app.CreateApiKey(id);
        var legacy = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(20));
        (await app.Admin.Post(path + "/api-keys/import", new { name = "old", sha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(legacy))), lastFour = legacy[^4..] })).ShouldBe(201);
        (await app.Admin.Put(path + "/ip-rules", new { networks = new[] { "127.0.0.0/8" } }, (await app.Admin.Get(path)).ETag)).ShouldBe(200);
        (await app.Admin.Put(path + "/leak-response", new { response = "grace" }, (await app.Admin.Get(path)).ETag)).ShouldBe(200);
        (await app.Admin.Put(path + "/feature-flags/auditExport", new { enabled = true })).ShouldBe(200);

        await Report(app, key);

        var events = await new AuditTrail(app, id).Events();
        events.Select(happened => $"{happened["actor"]!["id"]} {happened["action"]}").Should().Equal(
            "leak-desk apiKey.leaked", "bootstrap-admin customer.featureFlagChanged", "bootstrap-admin customer.leakResponseSet", "bootstrap-admin customer.ipRulesReplaced", "bootstrap-admin apiKey.imported",
            "bootstrap-admin apiKey.created", "bootstrap-admin customer.created");
        string.Join("\n", events.Select(happened => happened.ToJsonString())).Should().NotContainAny(key[^40..], legacy, ApiKeyText.Parse(key)!.Hash(), Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(legacy))));
    }

    [Fact]
    public async Task By_policy_it_goes_on_for_a_day_instead()
    {
        await using var app = await App.StartWithoutSchedules();
        var customerId = (string)(await app.CreateCustomer())["id"]!;
        var path = $"/api/customers/{customerId}";
        var key = await app.CreateApiKey(customerId);
        (await app.Admin.Put(path + "/leak-response", new { response = "grace" }, (await app.Admin.Get(path)).ETag)).ShouldBe(200);

        await Report(app, key);

        (await app.Caller(key).Get(path)).ShouldBe(200);
        await app.Cloud.Advance(TimeSpan.FromHours(12));
        await Report(app, key);
        await app.Cloud.Advance(TimeSpan.FromHours(12));
        (await app.Caller(key).Get(path)).ShouldBeRefused(401, "key-expired");
    }

    [Fact]
    public async Task A_rolled_value_loses_its_grace_and_the_key_goes_on()
    {
        var app = await App.Shared;
        var path = $"/api/customers/{(await app.CreateCustomer())["id"]}";
        var created = (await app.Admin.Post(path + "/api-keys", new { name = "ci" })).ShouldBe(201);
        var rolled = (await app.Admin.Post($"{path}/api-keys/{created["id"]}/roll", "{}")).ShouldBe(200);

        await Report(app, (string)created["key"]!);

        (await app.Caller((string)created["key"]!).Get(path)).ShouldBeRefused(401, "key-rotated");
        (await app.Caller((string)rolled["key"]!).Get(path)).ShouldBe(200);
    }

    [Fact]
    public async Task A_service_accounts_credential_is_replaced_in_Key_Vault_before_it_stops_working()
    {
        var app = await App.Shared;
        var customerId = (string)(await app.CreateCustomer())["id"]!;
        var account = await app.CreateServiceAccount(customerId);
        var leaked = await app.CurrentSecret((string)account["secretName"]!);
        (await app.Caller(leaked).Get($"/api/customers/{customerId}")).ShouldBe(200);

        (await Report(app, leaked)).Single()!["label"]!.ToString().Should().Be("true_positive");

        var current = await app.CurrentSecret((string)account["secretName"]!);
        current.Should().NotBe(leaked);
        (await app.Caller(current).Get($"/api/customers/{customerId}")).ShouldBe(200);
        (await app.Caller(leaked).Get($"/api/customers/{customerId}")).ShouldBeRefused(401, "key-rotated");
        (await Report(app, leaked)).Single()!["label"]!.ToString().Should().Be("true_positive");
        (await app.CurrentSecret((string)account["secretName"]!)).Should().Be(current, "a second report changes nothing");
    }

    [Fact]
    public async Task By_policy_a_service_accounts_credential_keeps_its_overlap()
    {
        var app = await App.Shared;
        var customerId = (string)(await app.CreateCustomer())["id"]!;
        var path = $"/api/customers/{customerId}";
        (await app.Admin.Put(path + "/leak-response", new { response = "grace" }, (await app.Admin.Get(path)).ETag)).ShouldBe(200);
        var account = await app.CreateServiceAccount(customerId);
        var leaked = await app.CurrentSecret((string)account["secretName"]!);

        await Report(app, leaked);
        await Report(app, leaked);

        var current = await app.CurrentSecret((string)account["secretName"]!);
        current.Should().NotBe(leaked);
        foreach (var credential in new[] { leaked, current }) { (await app.Caller(credential).Get(path)).ShouldBe(200); }
    }

    [Fact]
    public async Task A_service_accounts_credential_is_dealt_with_whatever_its_rotation_is_stuck_at()
    {
        await using var app = await App.StartWithoutSchedules();
        foreach (var response in new[] { "revoke", "grace" })
        {
            var (owner, path) = await Person.Owning(app);
            (await app.Admin.Put(path + "/leak-response", new { response }, (await app.Admin.Get(path)).ETag)).ShouldBe(200);
            var leaks = 0;
            foreach (var stuck in new[] { "retire", "retire, parked", "store, parked" })
            {
                var account = await RotatedAccount.CreateFor(app, RotatedAccount.ApiCredential, path.Split('/')[^1], $"deploy-{++leaks}");
                await GetStuck(app, account, stuck);
                var (leaked, _) = await account.Current();

                (await Report(app, leaked)).Single()!["label"]!.ToString().Should().Be("true_positive");

                var (current, _) = await account.Current();
                current.Should().NotBe(leaked, "{0}, {1}", response, stuck);
                await account.ShouldHaveOneCurrentKey();
                if (response == "revoke") { await account.ShouldHaveRetired(leaked); }
                else { (await account.Accepts(leaked)).Should().BeTrue("it keeps its overlap"); }
                await Report(app, leaked);
                (await account.Current()).Value.Should().Be(current);
                (await new AuditTrail(app, account.CustomerId).Actions()).Count(action => action == "serviceAccount.keyLeaked").Should().Be(leaks);
                await owner.LinkIn("key-leaked", leaks);
                (await owner.Mails("key-leaked")).Should().HaveCount(leaks, "its owner is told, once");
                await NoRunFindsItInVain(app, account);
            }
        }
        await AnOldOneEndsThoughItsRetirementWasGivenUp(app);
    }

    private static async Task AnOldOneEndsThoughItsRetirementWasGivenUp(App app)
    {
        var account = await RotatedAccount.Create(app, RotatedAccount.ApiCredential);
        var (leaked, _) = await account.Current();
        await GetStuck(app, account, "retire, parked");
        var (current, _) = await account.Current();
        (await account.Accepts(leaked)).Should().BeTrue();

        (await Report(app, leaked)).Single()!["label"]!.ToString().Should().Be("true_positive");

        await account.ShouldHaveRetired(leaked);
        await account.ShouldHaveOneCurrentKey();
        (await account.Current()).Value.Should().Be(current);
        await NoRunFindsItInVain(app, account);
    }

    private static async Task NoRunFindsItInVain(App app, RotatedAccount account)
    {
        (await account.Document())["workDueAt"]!.GetValue<DateTimeOffset>().Should().BeAfter(await app.Cloud.Now());
        await account.Forget();
    }

    [Fact]
    public async Task The_administrators_own_key_is_replaced()
    {
        await using var app = await App.StartWithoutSchedules();
        var leaked = app.AdminKey;
        (await app.Admin.Get("/api/customers")).ShouldBe(200);

        (await Report(app, leaked)).Single()!["label"]!.ToString().Should().Be("true_positive");

        (await app.Admin.Get("/api/customers")).ShouldBeRefused(401, "unauthenticated");
        (await app.Caller(await app.CurrentSecret("bootstrap-admin-key")).Get("/api/customers")).ShouldBe(200);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("unknown", "MEUCIQ==")]
    [InlineData("unknown", "not base64")]
    public async Task Without_the_scanners_signature_nothing_happens(string? id, string? signature)
    {
        var app = await App.Shared;
        var customerId = (string)(await app.CreateCustomer())["id"]!;
        var key = await app.CreateApiKey(customerId);
        using var request = Unsigned(app, key);
        if (id is not null) { request.Headers.Add("Github-Public-Key-Identifier", id); }
        if (signature is not null) { request.Headers.TryAddWithoutValidation("Github-Public-Key-Signature", signature); }

        (await app.Caller(key: null).Send(request)).ShouldBeRefused(401, "signature-invalid");

        (await app.Caller(key).Get($"/api/customers/{customerId}")).ShouldBe(200);
    }

    [Fact]
    public async Task A_signature_by_another_key_under_the_scanners_id_is_refused()
    {
        var app = await App.Shared;
        using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var keys = (await app.Cloud.Local.GetFromJsonAsync<JsonObject>("/github/meta/public_keys/secret_scanning"))!;
        using var request = Unsigned(app, "cf_x");
        request.Headers.Add("Github-Public-Key-Identifier", (string)keys["public_keys"]![0]!["key_identifier"]!);
        request.Headers.Add("Github-Public-Key-Signature", Convert.ToBase64String(stranger.SignData(await request.Content!.ReadAsByteArrayAsync(), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence)));

        (await app.Caller(key: null).Send(request)).ShouldBeRefused(401, "signature-invalid");
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""[{"type":"x"}]""")]
    [InlineData("[1]")]
    [InlineData("[null]")]
    [InlineData("[")]
    public async Task A_signed_report_of_another_form_is_a_bad_request(string body)
    {
        var app = await App.Shared;
        using var answer = await app.Cloud.Local.PostAsync("/leak-reports", new StringContent(body, Encoding.UTF8, "application/json"));
        ((int)answer.StatusCode).Should().Be(400);
    }

    /// <summary>Key Vault does not answer when an old key is to be retired, or a new one is to be published, once or until the rotation is parked.</summary>
    private static async Task GetStuck(App app, RotatedAccount account, string at)
    {
        var step = at.Split(',')[0];
        if (step == "retire")
        {
            (await app.Admin.Post(account.Path + "/rotate")).ShouldBe(202);
            await app.Cloud.Advance(RotatedAccount.Overlap);
        }
        await app.Cloud.Fault(new { service = "keyVault", operation = $"^(GET|PUT) /secrets/{account.SecretName}", count = 20, seconds = 300, kind = "unavailable", retryAfterMilliseconds = 20 });
        if (step == "retire") { await app.Cloud.RunTimer("RotateServiceAccountKeys"); }
        else { (await app.Admin.Post(account.Path + "/rotate")).ShouldBe(202); }
        await app.Cloud.ClearFaults();
        (await account.Step()).Should().Be(step);
        if (!at.EndsWith("parked", StringComparison.Ordinal)) { return; }
        var document = await account.Document();
        (document["rotation"]!["attempts"], document["rotation"]!["parkedAt"], document["workDueAt"]) = (9, document["rotation"]!["lastFailure"]!["at"]!.DeepClone(), "9999-12-31T23:59:59.9999999Z");
        await app.Data.Replace("customers", account.CustomerId, document);
        ((string?)(await account.Get())["state"]).Should().Be("parked");
    }

    private static async Task<JsonArray> Report(App app, params string[] tokens)
    {
        var reports = tokens.Select(token => new { token, type = "customer_functions_key", url = "https://example.com/leak", source = "content" });
        using var answer = await app.Cloud.Local.PostAsJsonAsync("/leak-reports", reports);
        answer.IsSuccessStatusCode.Should().BeTrue(await answer.Content.ReadAsStringAsync());
        return (await answer.Content.ReadFromJsonAsync<JsonArray>())!;
    }

    private static HttpRequestMessage Unsigned(App app, string token) => new(HttpMethod.Post, app.Cloud.Endpoint("functions") + "/api/webhooks/leaked-keys")
    {
        Content = new StringContent($$"""[{"token":"{{token}}","type":"x","url":"","source":""}]""", Encoding.UTF8, "application/json"),
    };
}
