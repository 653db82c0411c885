using System.Text.Json.Nodes;

namespace CustomerFunctions.Tests.ServiceAccounts;

/// <summary>Two instances whose timers run when a test says so, for all tests of the class: each has a customer of its own.</summary>
public sealed class TwoInstances : IAsyncLifetime
{
    internal App App { get; private set; } = null!;

    public async Task InitializeAsync() => App = await App.StartWithoutSchedules("--instances", "2");

    public async Task DisposeAsync() => await App.DisposeAsync();
}

/// <summary>Changing, suspending, restoring and deleting service accounts.</summary>
public sealed class ServiceAccountLifecycleTests(TwoInstances fixture) : IClassFixture<TwoInstances>
{
    private const string Timer = "SettleServiceAccounts";
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(15);
    private readonly App app = fixture.App;

    [Fact]
    public async Task What_callers_say_of_an_account_is_changed_by_a_merge_patch_under_its_etag()
    {
        var account = await RotatedAccount.Create(app, RotatedAccount.ApiCredential);
        var etag = (await app.Admin.Get(account.Path)).ETag;

        var changed = (await app.Admin.Patch(account.Path, new { displayName = "Deploys", description = "From CI\nto production", metadata = new { team = "blue" }, tags = new[] { "ci", "prod" } }, etag)).ShouldBe(200);

        ((string?)changed["displayName"], (string?)changed["metadata"]!["team"]).Should().Be(("Deploys", "blue"));
        (await app.Admin.Patch(account.Path, new { displayName = "x" }, etag)).ShouldBeRefused(412, "stale");
        (await app.Admin.Patch(account.Path, new { displayName = "x" })).ShouldBeRefused(428, "if-match-required");
        (await app.Admin.Patch(account.Path, new { name = "x" }, "*")).ShouldBeRefused(400, "invalid-request", "/name");
        (await app.Admin.Patch(account.Path, new { tags = new[] { "a", "a" } }, "*")).ShouldBeRefused(400, "invalid-request", "/tags/1");
        var later = (await app.Admin.Patch(account.Path, """{"description":null,"metadata":{"cost":"17"}}""", changed.ETag)).ShouldBe(200);
        later.Object.Should().NotContainKey("description");
        later["metadata"]!.AsObject().Select(entry => entry.Key).Should().BeEquivalentTo(["team", "cost"]);
        JsonNode.DeepEquals((await account.Get()), later.Object).Should().BeTrue();
    }

    [Fact]
    public async Task A_suspended_credential_is_refused_on_every_instance_and_is_good_again_when_restored()
    {
        var account = await RotatedAccount.Create(app, RotatedAccount.ApiCredential);
        var credential = (await account.Current()).Value;
        Api[] instances = [await app.CallerOf(0, credential), await app.CallerOf(1, credential)];
        foreach (var instance in instances) { (await instance.Get($"/api/customers/{account.CustomerId}")).ShouldBe(200); }

        var suspended = (await app.Admin.Post(account.Path + "/suspend", new { reason = " Under review " })).ShouldBe(200);

        ((string?)suspended["state"], (string?)suspended["suspension"]!["reason"], (string?)suspended["suspension"]!["by"]).Should().Be(("suspended", "Under review", "bootstrap-admin"));
        foreach (var instance in instances)
        {
            await Eventually.True(async () => (await instance.Get($"/api/customers/{account.CustomerId}")).Status == 403, Freshness, "the credential is refused");
            (await instance.Get($"/api/customers/{account.CustomerId}")).ShouldBeRefused(403, "service-account-suspended");
        }
        (await app.Admin.Post(account.Path + "/suspend", new { reason = "Another" })).Body.Should().Be(suspended.Body, "it is suspended already");
        (await app.Admin.Post(account.Path + "/rotate")).ShouldBeRefused(409, "service-account-not-active");
        var restored = (await app.Admin.Post(account.Path + "/restore")).ShouldBe(200);
        ((string?)restored["state"]).Should().Be("active");
        restored.Object.Should().NotContainKey("suspension");
        foreach (var instance in instances) { await Eventually.True(async () => (await instance.Get($"/api/customers/{account.CustomerId}")).Status == 200, Freshness, "it is good again"); }
        (await account.Current()).Value.Should().Be(credential);
    }

    [Fact]
    public async Task A_suspended_storage_key_cannot_be_read_and_then_exactly_those_versions_can_that_could()
    {
        var account = await RotatedAccount.Create(app, RotatedAccount.StorageAccountKeys);
        await Rotate(account);
        await app.Cloud.Advance(RotatedAccount.Overlap);
        await account.RunTimerUntil("done");
        await Rotate(account);
        var before = await account.Versions();
        before.Count(version => version.Enabled).Should().Be(2, "the first key is retired, the overlap of the second lasts");

        ((string?)(await app.Admin.Post(account.Path + "/suspend", new { reason = "x" })).ShouldBe(200)["state"]).Should().Be("suspended");

        (await account.Versions()).Should().OnlyContain(version => !version.Enabled);
        ((string?)(await app.Admin.Post(account.Path + "/restore")).ShouldBe(200)["state"]).Should().Be("active");
        (await account.Versions()).Should().Equal(before);
        await account.ShouldHaveOneCurrentKey();
        await account.Forget();
    }

    [Fact]
    public async Task While_an_account_is_suspended_its_rotation_rests_and_then_goes_on()
    {
        var account = await RotatedAccount.Create(app, RotatedAccount.StorageAccountKeys);
        var (before, _) = await account.Current();
        (await app.Admin.Post(account.Path + "/suspend", new { reason = "x" })).ShouldBe(200);
        await app.Cloud.Advance(RotatedAccount.Interval * 2);
        await app.Cloud.RunTimer("RotateServiceAccountKeys");
        (await account.KeyStates()).Should().Equal("current");

        (await app.Admin.Post(account.Path + "/restore")).ShouldBe(200);

        (await account.Current()).Value.Should().Be(before);
        await app.Cloud.RunTimer("RotateServiceAccountKeys");
        (await account.Step()).Should().Be("settle", "what came due meanwhile is done at once");
        await account.ShouldHaveOneCurrentKey();
        await account.Forget();
    }

    [Fact]
    public async Task What_does_not_answer_while_an_account_is_suspended_is_made_up_for_by_the_timer()
    {
        var account = await RotatedAccount.Create(app, RotatedAccount.StorageAccountKeys);
        await app.Cloud.Fault(new { service = "keyVault", operation = $"^PATCH /secrets/{account.SecretName}/", count = 20, seconds = 300, kind = "unavailable", retryAfterMilliseconds = 20 });
        var suspended = (await app.Admin.Post(account.Path + "/suspend", new { reason = "x" })).ShouldBe(200);
        await app.Cloud.ClearFaults();
        ((string?)suspended["state"], (string?)suspended["lifecycleFailure"]).Should().Be(("suspending", "Key Vault answered 503 ServiceUnavailable."));

        await app.Cloud.Advance(TimeSpan.FromMinutes(1));
        Counts(await app.Cloud.RunTimer(Timer)).Should().Equal(new Dictionary<string, int> { ["settled"] = 1 });

        ((string?)(await account.Get())["state"]).Should().Be("suspended");
        (await account.Versions()).Should().OnlyContain(version => !version.Enabled);
        Counts(await app.Cloud.RunTimer(Timer)).Should().BeEmpty();
        await account.Forget();
    }

    [Theory]
    [InlineData(RotatedAccount.ApiCredential)]
    [InlineData(RotatedAccount.StorageAccountKeys)]
    public async Task A_deleted_accounts_keys_are_refused_its_secret_is_deleted_and_a_namesake_gets_another(string kind)
    {
        var account = await RotatedAccount.Create(app, kind);
        var (first, _) = await account.Current();
        await Rotate(account);
        var (second, _) = await account.Current();
        (await app.Admin.Delete(account.Path)).ShouldBeRefused(428, "if-match-required");
        (await app.Admin.Delete(account.Path, "\"stale\"")).ShouldBeRefused(412, "stale");

        (await app.Admin.Delete(account.Path, (await app.Admin.Get(account.Path)).ETag)).ShouldBe(204);

        foreach (var credential in new[] { first, second }) { await Eventually.True(async () => !await account.Accepts(credential), Freshness, "the key is refused"); }
        (await StatusOf(account.SecretName)).Should().Be(404);
        (await app.Admin.Get(account.Path)).ShouldBeRefused(404, "not-found");
        var resourceId = account.ResourceName is { } name ? await app.PutStorageAccount(name) : null;
        var accounts = $"/api/customers/{account.CustomerId}/service-accounts";
        var heir = (await app.Admin.Post(accounts, RotatedAccount.Body(kind, resourceId))).ShouldBe(201);
        ((string?)heir["secretName"]).Should().Be(account.SecretName + "-2", "Key Vault keeps the deleted one");
        ((string?)heir["state"]).Should().Be("active");
        (await app.Admin.Post(accounts, RotatedAccount.Body(kind, kind == RotatedAccount.ApiCredential ? null : await app.CreateStorageAccount()))).ShouldBeRefused(409, "service-account-name-taken");
        await new RotatedAccount(app, kind, account.CustomerId, account.ResourceId, heir.Object).Forget();
    }

    [Fact]
    public async Task An_account_whose_resource_is_gone_is_deleted_all_the_same_as_soon_as_the_vault_answers()
    {
        var account = await RotatedAccount.Create(app, RotatedAccount.StorageAccountKeys);
        await app.DeleteStorageAccount(account.ResourceName!);
        await app.Cloud.Fault(new { service = "keyVault", operation = $"^DELETE /secrets/{account.SecretName}", kind = "unavailable", seconds = 300 });

        var accepted = (await app.Admin.Delete(account.Path, "*")).ShouldBe(202);

        accepted.Headers.RetryAfter!.Delta.Should().BeGreaterThanOrEqualTo(TimeSpan.FromSeconds(5), "that is when to look again");
        await app.Cloud.ClearFaults();
        await app.Cloud.Advance(TimeSpan.FromMinutes(2));
        await app.Cloud.RunTimer(Timer);
        (await app.Admin.Get(account.Path)).ShouldBeRefused(404, "not-found");
        (await StatusOf(account.SecretName)).Should().Be(404);
    }

    [Theory]
    [InlineData("cosmos", "^(PUT|DELETE) /dbs/customers/colls/(customers|directory)/", 4)]
    [InlineData("keyVault", "^DELETE ", 1)]
    [InlineData("resourceManager", "regenerateKey", 2)]
    public async Task A_deletion_that_dies_at_any_call_is_finished_by_the_timer(string service, string operation, int calls)
    {
        for (var skip = 0; skip < calls; skip++)
        {
            var account = await RotatedAccount.Create(app, RotatedAccount.StorageAccountKeys);
            await Rotate(account);
            var (instance, process) = (skip % 2, (int)(await app.Cloud.Instances())[skip % 2]!["pid"]!);
            await app.Cloud.Fault(new { service, operation, skip, count = 1, seconds = 300, kind = "kill", when = "after", instance });
            try { await (await app.AdminAt(instance)).Delete(account.Path, "*"); }
            catch (HttpRequestException) { /* It died with the question. */ }
            (await app.Cloud.Faults()).Should().BeEmpty("the process was killed at call {0}", skip + 1);

            await app.Cloud.Advance(TimeSpan.FromMinutes(2));
            await app.Cloud.RunTimer(Timer, 1 - instance);

            (await app.Admin.Get(account.Path)).ShouldBeRefused(404, "not-found");
            (await StatusOf(account.SecretName)).Should().Be(404);
            (await app.Data.All("directory")).Where(claim => (string?)claim["holderId"] == account.Id).Select(claim => (string)claim["id"]!).Should().Equal("secret:" + account.SecretName);
            await Eventually.True(async () => (await app.Cloud.Instances())[instance]! is var now && (int?)now["pid"] != process && (string?)now["state"] == "running", TimeSpan.FromSeconds(60), "the killed instance is back");
        }
    }

    [Fact]
    public async Task What_suspending_and_deleting_would_do_is_what_they_do()
    {
        foreach (var kind in new[] { RotatedAccount.ApiCredential, RotatedAccount.StorageAccountKeys })
        {
            var account = await RotatedAccount.Create(app, kind);
            var (credential, keyId) = await account.Current();
            var before = (await account.Document()).ToJsonString();
            var suspending = Effects(await app.Admin.Post(account.Path + "/suspend?whatIf=true", new { reason = "x" }));
            var deleting = Effects(await app.Admin.Delete(account.Path + "?whatIf=true", "*"));
            (await account.Document()).ToJsonString().Should().Be(before, "asking changes nothing");

            (await app.Admin.Post(account.Path + "/suspend", new { reason = "x" })).ShouldBe(200);
            var stops = suspending.Any(effect => effect.Action == "serviceAccountStops");
            if (stops) { await Eventually.True(async () => !await account.Accepts(credential), Freshness, "it stops, as was said"); }
            else { (await account.Accepts(credential)).Should().BeTrue("a storage key opens its account all the same"); }
            var closes = (await account.Versions()).All(version => !version.Enabled);
            suspending.Should().Equal([.. stops ? new[] { ("serviceAccountStops", account.Id) } : [], .. closes ? new[] { ("secretCloses", account.SecretName) } : [], ("rotationPauses", account.Id)]);
            Effects(await app.Admin.Post(account.Path + "/suspend?whatIf=true", new { reason = "x" })).Should().BeEmpty();
            (await app.Admin.Post(account.Path + "/restore")).ShouldBe(200);

            (await app.Admin.Delete(account.Path, "*")).ShouldBe(204);
            deleting.Should().Equal([.. stops ? new[] { ("serviceAccountStops", account.Id) } : [], ("keyRevoked", keyId), ("secretDeleted", account.SecretName), ("serviceAccountDeleted", account.Id)]);
            (await app.Admin.Delete(account.Path + "?whatIf=true", "*")).ShouldBeRefused(404, "not-found");
        }
    }

    private static IReadOnlyList<(string Action, string Target)> Effects(Answer answer) =>
        [.. answer.ShouldBe(200)["effects"]!.AsArray().Select(effect => ((string)effect!["action"]!, (string)effect["target"]!))];

    private static Dictionary<string, int> Counts(JsonObject run) => run["returnValue"]!.AsObject().ToDictionary(count => count.Key, count => (int)count.Value!);

    private async Task Rotate(RotatedAccount account) => (await app.Admin.Post(account.Path + "/rotate")).ShouldBe(202);

    private async Task<int> StatusOf(string secret)
    {
        using var request = app.ToVault(HttpMethod.Get, $"/secrets/{secret}/");
        using var answer = await app.Azure.SendAsync(request);
        return (int)answer.StatusCode;
    }
}
