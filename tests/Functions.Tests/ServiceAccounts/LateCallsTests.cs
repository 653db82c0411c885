using System.Net.Http.Json;
using CustomerFunctions.Tests.Migrations;

namespace CustomerFunctions.Tests.ServiceAccounts;

/// <summary>Calls that arrive after everybody has stopped waiting for them, and instances whose claim has ended while they stood still.</summary>
public sealed class LateCallsTests(TwoInstances world) : IClassFixture<TwoInstances>
{
    private const string Timer = "RotateServiceAccountKeys";
    private static readonly TimeSpan Late = TimeSpan.FromMinutes(10);
    private static readonly object Stolen = new { mode = "emergency", reason = "A laptop was stolen" };
    private readonly App app = world.App;

    [Fact]
    public async Task A_leaked_key_is_not_put_back_by_an_instance_that_is_retiring_the_one_before()
    {
        var account = await RotatedAccount.Create(app, RotatedAccount.ApiCredential);
        (await app.Admin.Post(account.Path + "/rotate")).ShouldBe(202);
        var (leaked, _) = await account.Current();
        await app.Cloud.Advance(RotatedAccount.Overlap);
        // Claimed by one instance, which is about to learn what Key Vault hands out.
        await app.Cloud.Fault(new { service = "keyVault", operation = $"^GET /secrets/{account.SecretName}", kind = "latency", milliseconds = 2500, count = 1, seconds = 60 });
        var retiring = app.Cloud.RunTimer(Timer, 0);
        await Eventually.True(async () => (await account.Document()).ContainsKey("leasedUntil"), TimeSpan.FromSeconds(30), "the retirement is claimed");

        (await app.Cloud.Local.PostAsJsonAsync("/leak-reports", new[] { new { token = leaked, type = "customer_functions_key", url = "https://example.com/leak", source = "content" } })).EnsureSuccessStatusCode();
        await retiring;
        for (var run = 0; run < 3; run++)
        {
            await app.Cloud.Advance(TimeSpan.FromMinutes(3));
            await app.Cloud.RunTimer(Timer, 1);
        }

        (await account.Current()).Value.Should().NotBe(leaked);
        await account.ShouldHaveOneCurrentKey();
        await Eventually.True(async () => !await account.Accepts(leaked), TimeSpan.FromSeconds(15), "the leaked key is refused");
        await account.Forget();
    }

    [Fact]
    public async Task A_version_that_arrives_after_an_emergency_has_revoked_its_key_is_overtaken_within_minutes()
    {
        var account = await RotatedAccount.Create(app, RotatedAccount.ApiCredential);
        var (stolen, stolenId) = await account.Current();
        await FailToPublish(account);
        ((string?)(await app.Admin.Post(account.Path + "/rotate", Stolen)).ShouldBe(202)["step"]).Should().Be("done");
        var (current, _) = await account.Current();

        await Publish(account, stolen, stolenId);
        await PassAndRun(Late);

        (await account.Current()).Value.Should().Be(current);
        await account.ShouldHaveOneCurrentKey();
        await app.Cloud.ResetRequests();
        await PassAndRun(TimeSpan.FromDays(1));
        ((int?)(await app.Cloud.Requests())["keyVault"] ?? 0).Should().Be(0, "one look is enough");
        await account.Forget();
    }

    [Fact]
    public async Task A_version_that_arrives_after_a_migration_was_cancelled_is_overtaken_within_minutes()
    {
        var moving = await MovingAccount.Create(app, RotatedResource.StorageAccountKeys);
        var account = moving.Account;
        var before = await account.Current();
        await app.Cloud.Fault(new { service = "keyVault", operation = $"^PUT /secrets/{account.SecretName}", count = 50, seconds = 300, kind = "unavailable" });
        (await moving.Migrate()).ShouldBe(202);
        var keyId = (string)(await account.Document())["rotation"]!["keyId"]!;
        await app.Cloud.ClearFaults();
        ((string?)(await moving.Cancel()).ShouldBe(202)["step"]).Should().Be("canceled");

        await Publish(account, "the target's key", keyId);
        await PassAndRun(Late);

        (await account.Current()).Should().Be(before);
        await account.ShouldHaveOneCurrentKey();
        await account.Forget();
    }

    [Fact]
    public async Task A_slot_that_is_made_anew_after_its_key_became_current_is_found_within_minutes()
    {
        var account = await RotatedAccount.Create(app, RotatedAccount.StorageAccountKeys);
        await FailToPublish(account);
        await PassAndRun(TimeSpan.FromMinutes(3));
        (await account.Step()).Should().Be("settle");
        var (second, _) = await account.Current();
        var resourceId = (string)(await account.Get())["resourceId"]!;

        await app.Arm(HttpMethod.Post, $"{resourceId}/regenerateKey?api-version=2023-05-01", new { keyName = "key2" });
        (await account.Accepts(second)).Should().BeFalse();
        await PassAndRun(Late);

        (await account.Current()).Value.Should().NotBe(second);
        await account.ShouldHaveOneCurrentKey();
        (await account.Step()).Should().Be("settle", "the overlap goes on");
        await account.Forget();
    }

    [Fact]
    public async Task A_version_that_is_closed_after_the_account_was_restored_is_opened_within_minutes()
    {
        var account = await RotatedAccount.Create(app, RotatedAccount.StorageAccountKeys);
        var (_, current, _) = (await account.Versions()).Single();
        (await app.Admin.Post(account.Path + "/suspend", new { reason = "tests" })).ShouldBe(200);
        (await app.Admin.Post(account.Path + "/restore")).ShouldBe(200);

        await SetEnabled(account, current, enabled: false);
        await PassAndRun(Late);

        await account.ShouldHaveOneCurrentKey();
        await account.Forget();
    }

    [Fact]
    public async Task A_version_that_is_published_after_the_account_was_suspended_is_closed_within_minutes()
    {
        var account = await RotatedAccount.Create(app, RotatedAccount.StorageAccountKeys);
        var (value, keyId) = await account.Current();
        ((string?)(await app.Admin.Post(account.Path + "/suspend", new { reason = "tests" })).ShouldBe(200)["state"]).Should().Be("suspended");

        await Publish(account, value, keyId);
        ((string?)(await account.Get())["state"]).Should().Be("suspended");
        await app.Cloud.Advance(Late);
        await app.Cloud.RunTimer("SettleServiceAccounts");

        (await account.Versions()).Should().OnlyContain(version => !version.Enabled);
        (await account.Document()).Should().NotContainKey("lifecycleDueAt");
        (await app.Admin.Post(account.Path + "/restore")).ShouldBe(200);
        (await account.Versions()).Should().OnlyContain(version => version.Enabled);
        await account.Forget();
    }

    [Fact]
    public async Task An_instance_that_stood_still_while_it_closed_a_secret_closes_nothing_after_another_has_opened_it()
    {
        if (OperatingSystem.IsWindows()) { return; }
        var account = await RotatedAccount.Create(app, RotatedAccount.StorageAccountKeys);
        var (value, keyId) = await account.Current();
        for (var twin = 0; twin < 3; twin++) { await Publish(account, value, keyId); }
        await app.Cloud.Fault(new { service = "keyVault", operation = $"^PATCH /secrets/{account.SecretName}", kind = "latency", milliseconds = 2500, count = 1, seconds = 60 });
        var admin = await app.AdminAt(0);
        var suspending = admin.Post(account.Path + "/suspend", new { reason = "tests" });
        await Eventually.True(async () => (bool?)(await account.Document())["withdrawal"]?["areVersionsKnown"] == true, TimeSpan.FromSeconds(30), "the versions are known");
        (await app.Cloud.OnInstance(0, "stop")).EnsureSuccessStatusCode();
        try
        {
            await app.Cloud.Advance(TimeSpan.FromMinutes(2));
            await app.Cloud.RunTimer("SettleServiceAccounts", 1);
            (await account.Versions()).Should().OnlyContain(version => !version.Enabled);
            (await (await app.AdminAt(1)).Post(account.Path + "/restore")).ShouldBe(200);
        }
        finally { (await app.Cloud.OnInstance(0, "continue")).EnsureSuccessStatusCode(); }
        await suspending;

        // The call that was on its way may close one; nothing is begun after that.
        (await account.Versions()).Count(version => !version.Enabled).Should().BeLessThanOrEqualTo(1);
        await account.Forget();
    }

    [Fact]
    public async Task A_current_version_that_was_disabled_is_put_back_in_front_of_a_strangers()
    {
        var account = await RotatedAccount.Create(app, RotatedAccount.ApiCredential);
        (await app.Admin.Post(account.Path + "/rotate")).ShouldBe(202);
        var current = await account.Current();
        var version = (await account.Versions()).Single(one => one.KeyId == current.KeyId).Version;
        await Publish(account, "somebody's", "key_strange");
        await SetEnabled(account, version, enabled: false);

        await PassAndRun(RotatedAccount.Overlap);

        (await account.Current()).Should().Be(current);
        ((int?)(await account.Document())["rotation"]!["attempts"]).Should().Be(0);
        await account.Forget();
    }

    [Fact]
    public async Task A_key_that_came_out_late_has_its_overlap_though_the_instance_that_overtook_it_died()
    {
        var account = await RotatedAccount.Create(app, RotatedAccount.ApiCredential);
        await FailToPublish(account);
        var givenUp = (string)(await account.Document())["rotation"]!["keyId"]!;
        await PassAndRun(TimeSpan.FromMinutes(3));
        await Publish(account, "the key that was given up", givenUp);
        await app.Cloud.Fault(new { service = "keyVault", operation = $"^PUT /secrets/{account.SecretName}", kind = "kill", when = "after", instance = 0, count = 1, seconds = 60 });
        await app.Cloud.Advance(RotatedAccount.Overlap);
        await app.Cloud.Outlive(0, () => app.Cloud.RunTimer(Timer, 0));
        var overtaken = await app.Cloud.Now();

        await PassAndRun(TimeSpan.FromMinutes(3));

        var late = (await account.Keys()).Single(key => (string)key["id"]! == givenUp);
        (late["retireAt"]!.GetValue<DateTimeOffset>() - overtaken).Should().BeCloseTo(RotatedAccount.Overlap, TimeSpan.FromMinutes(1));
        await account.ShouldHaveOneCurrentKey();
        await account.Forget();
    }

    [Fact]
    public async Task An_emergency_in_an_overlap_finds_room_in_an_application_that_may_have_two_secrets()
    {
        var appId = await RotatedResource.CreateApplication(app, "personal", "AzureADandPersonalMicrosoftAccount");
        var customerId = (string)(await app.CreateCustomer())["id"]!;
        var created = (await app.Admin.Post($"/api/customers/{customerId}/service-accounts", RotatedAccount.Body(RotatedResource.EntraApplication, appId))).ShouldBe(201).Object;
        var account = new RotatedAccount(app, RotatedResource.EntraApplication, customerId, appId, created);
        var (first, _) = await account.Current();
        (await app.Admin.Post(account.Path + "/rotate")).ShouldBe(202);
        var (stolen, _) = await account.Current();

        ((string?)(await app.Admin.Post(account.Path + "/rotate", Stolen)).ShouldBe(202)["step"]).Should().Be("done");

        (await account.Accepts(stolen)).Should().BeFalse();
        (await account.Accepts(first)).Should().BeFalse();
        await account.ShouldHaveOneCurrentKey();
        await account.Forget();
    }

    [Fact]
    public async Task A_secret_that_Graph_adds_late_is_removed_though_nobody_knows_it()
    {
        var account = await RotatedAccount.Create(app, RotatedResource.EntraApplication);
        await FailToPublish(account);
        await PassAndRun(TimeSpan.FromMinutes(3));
        var (_, keyId) = await account.Current();
        await app.Graph(HttpMethod.Post, $"applications(appId='{account.ResourceId}')/addPassword", new { passwordCredential = new { displayName = keyId } });

        await PassAndRun(Late);

        var names = (await app.Graph(HttpMethod.Get, $"applications(appId='{account.ResourceId}')"))["passwordCredentials"]!.AsArray().Select(password => (string?)password!["displayName"]);
        names.Should().OnlyHaveUniqueItems();
        await account.ShouldHaveOneCurrentKey();
        await account.Forget();
    }

    [Fact]
    public async Task A_customer_is_not_removed_while_a_key_of_its_may_be_published()
    {
        var account = await RotatedAccount.Create(app, RotatedAccount.ApiCredential);
        var (leaked, _) = await account.Current();
        (await app.Admin.Delete($"/api/customers/{account.CustomerId}", "*")).ShouldBe(204);
        await app.Cloud.Advance(TimeSpan.FromDays(31));
        await app.Cloud.Fault(new { service = "keyVault", operation = $"^PUT /secrets/{account.SecretName}", kind = "latency", milliseconds = 2500, count = 1, seconds = 60 });
        var report = app.Cloud.Local.PostAsJsonAsync("/leak-reports", new[] { new { token = leaked, type = "customer_functions_key", url = "https://example.com/leak", source = "content" } });
        await Eventually.True(async () => (await account.Document()).ContainsKey("leasedUntil"), TimeSpan.FromSeconds(30), "a new key is on its way");

        (await app.Cloud.RunTimer("PurgeCustomers"))["returnValue"]!.ToJsonString().Should().Be("""{"skipped":1}""");

        await report;
        await app.Cloud.Advance(TimeSpan.FromMinutes(3));
        (await app.Cloud.RunTimer("PurgeCustomers"))["returnValue"]!.ToJsonString().Should().Be("""{"purged":1}""");
        using var read = app.ToVault(HttpMethod.Get, $"/secrets/{account.SecretName}");
        (await app.Azure.SendAsync(read)).StatusCode.Should().Be(System.Net.HttpStatusCode.NotFound);
    }

    /// <summary>A rotation whose first attempt fails at the call that publishes its key, so that this call may arrive late.</summary>
    private async Task FailToPublish(RotatedAccount account)
    {
        await app.Cloud.Fault(new { service = "keyVault", operation = $"^PUT /secrets/{account.SecretName}", count = 50, seconds = 300, kind = "unavailable" });
        (await app.Admin.Post(account.Path + "/rotate")).ShouldBe(202);
        await app.Cloud.ClearFaults();
        ((int?)(await account.Document())["rotation"]!["attempts"]).Should().Be(1);
    }

    private async Task Publish(RotatedAccount account, string value, string keyId)
    {
        using var late = app.ToVault(HttpMethod.Put, $"/secrets/{account.SecretName}", new { value, tags = new { keyId } });
        (await app.Azure.SendAsync(late)).EnsureSuccessStatusCode();
    }

    private async Task SetEnabled(RotatedAccount account, string version, bool enabled)
    {
        using var request = app.ToVault(HttpMethod.Patch, $"/secrets/{account.SecretName}/{version}", new { attributes = new { enabled } });
        (await app.Azure.SendAsync(request)).EnsureSuccessStatusCode();
    }

    private async Task PassAndRun(TimeSpan time)
    {
        await app.Cloud.Advance(time);
        await app.Cloud.RunTimer(Timer);
    }
}
