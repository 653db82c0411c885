using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace CustomerFunctions.Tests.ServiceAccounts;

/// <summary>Somebody deletes or disables the secret that a credential is read from: the rotation that finds it mends it, and says so. Nothing is ever purged; the vault forbids it, as the one that is deployed does, unless a test is about a vault that does not.</summary>
public sealed class SecretRepairTests : IAsyncLifetime
{
    private const string Timer = "RotateServiceAccountKeys";
    private App app = null!;

    public async Task InitializeAsync() => app = await App.StartWithoutSchedules();

    public Task DisposeAsync() => app.DisposeAsync().AsTask();

    [Theory]
    [InlineData(RotatedResource.ApiCredential)]
    [InlineData(RotatedResource.StorageAccountKeys)]
    public async Task A_secret_that_was_deleted_during_the_overlap_is_recovered_before_the_old_key_goes(string kind)
    {
        var (account, old) = await Rotated(kind);
        var (current, keyId) = await account.Current();
        await Vault(HttpMethod.Delete, $"/secrets/{account.SecretName}");
        await ShouldRefuseToPurge(account);
        await app.Cloud.ResetRequests();

        await Retire(account);

        (await account.Current()).Should().Be((current, keyId), "it is there again, as it was");
        await ShouldHaveMended(account, old, "serviceAccount.secretRecovered");
    }

    [Theory]
    [InlineData(RotatedResource.ApiCredential)]
    [InlineData(RotatedResource.StorageAccountKeys)]
    public async Task A_version_that_was_disabled_during_the_overlap_is_enabled_before_the_old_key_goes(string kind)
    {
        var (account, old) = await Rotated(kind);
        var (current, keyId) = await account.Current();
        var version = (await account.Versions()).Single(version => version.KeyId == keyId).Version;
        await Vault(HttpMethod.Patch, $"/secrets/{account.SecretName}/{version}", new { attributes = new { enabled = false } });

        await Retire(account);

        (await account.Current()).Should().Be((current, keyId));
        await ShouldHaveMended(account, old, "serviceAccount.secretEnabled");
    }

    [Theory]
    [InlineData(RotatedResource.ApiCredential)]
    [InlineData(RotatedResource.StorageAccountKeys)]
    public async Task A_rotation_recovers_a_deleted_secret_and_publishes_into_it(string kind)
    {
        var account = await RotatedAccount.Create(app, kind);
        var (old, oldId) = await account.Current();
        await Vault(HttpMethod.Delete, $"/secrets/{account.SecretName}");
        await ShouldRefuseToPurge(account);
        await app.Cloud.ResetRequests();
        await app.Cloud.Advance(RotatedAccount.Interval);

        await app.Cloud.RunTimer(Timer);
        await account.RunTimerUntil("settle");

        (await account.Current()).KeyId.Should().NotBe(oldId);
        (await account.Versions()).Should().HaveCount(2, "its history is there too");
        await app.Cloud.Advance(RotatedAccount.Overlap);
        await account.RunTimerUntil("done");
        await ShouldHaveMended(account, old, "serviceAccount.secretRecovered");
    }

    /// <summary>Its answer was lost, and then the right to look is: that says nothing of what was published, and users may have the key.</summary>
    [Fact]
    public async Task A_key_that_may_have_been_published_is_not_given_up_because_the_secret_may_not_be_read()
    {
        var account = await RotatedAccount.Create(app, RotatedResource.ApiCredential);
        await app.Cloud.Fault(new { service = "keyVault", operation = $"^PUT /secrets/{account.SecretName}[?]", kind = "reset", when = "after", seconds = 300 });
        (await app.Admin.Post(account.Path + "/rotate")).ShouldBe(202);
        await app.Cloud.ClearFaults();
        var published = (string)(await account.Document())["rotation"]!["keyId"]!;
        (await account.Versions()).Should().Contain(version => version.KeyId == published);
        await app.Cloud.Fault(new { service = "keyVault", operation = $"^GET /secrets/{account.SecretName}", kind = "forbidden", seconds = 300 });

        await app.Cloud.Advance(TimeSpan.FromMinutes(3));
        await app.Cloud.RunTimer(Timer);

        await app.Cloud.ClearFaults();
        ((string?)(await account.Document())["rotation"]!["lastFailure"]!["reason"]).Should().Be("Key Vault answered 403 Forbidden.");
        await account.RunTimerUntil("settle");
        (await account.Current()).KeyId.Should().Be(published);
        await account.ShouldHaveOneCurrentKey();
    }

    [Fact]
    public async Task The_key_of_a_resource_is_written_anew_when_its_secret_is_gone_for_good()
    {
        var (account, old) = await Rotated(RotatedResource.StorageAccountKeys);
        var (current, keyId) = await account.Current();
        await Purge(account);

        await Retire(account);

        (await account.Current()).Should().Be((current, keyId), "its resource still knows it");
        await ShouldHaveMended(account, old, "serviceAccount.keyPutBack");
    }

    [Fact]
    public async Task A_credential_that_nobody_can_read_any_more_is_replaced_and_the_one_before_it_kept_for_an_overlap()
    {
        var (account, old) = await Rotated(RotatedResource.ApiCredential);
        var (lost, lostId) = await account.Current();
        await Purge(account);

        await app.Cloud.Advance(RotatedAccount.Overlap);
        await app.Cloud.RunTimer(Timer);

        var (current, keyId) = await account.Current();
        keyId.Should().NotBe(lostId);
        (await account.Accepts(current)).Should().BeTrue();
        (await account.Accepts(old)).Should().BeTrue("it may be all that its users have");
        ((string?)(await account.Get())["latestRotation"]!["reason"]).Should().Be("The current key was gone from Key Vault.");
        await Retire(account);
        await ShouldHaveMended(account, old, "serviceAccount.keyLost");
        (await account.Accepts(lost)).Should().BeFalse();
    }

    [Fact]
    public async Task A_version_that_was_written_twice_because_an_answer_was_lost_is_disabled_with_its_twin()
    {
        var account = await RotatedAccount.Create(app, RotatedResource.ApiCredential);
        await app.Cloud.Fault(new { service = "keyVault", operation = $"^PUT /secrets/{account.SecretName}[?]", kind = "reset", when = "after", count = 1, seconds = 300 });
        (await app.Admin.Post(account.Path + "/rotate")).ShouldBe(202);
        var (doubled, keyId) = await account.Current();
        (await account.Versions()).Where(version => version.KeyId == keyId).Should().HaveCount(2);
        await app.Cloud.Advance(RotatedAccount.Overlap);
        await account.RunTimerUntil("done");

        await app.Cloud.Advance(RotatedAccount.Interval);
        await account.RunTimerUntil("settle");
        await Retire(account);

        await account.ShouldHaveRetired(doubled);
        (await Health(account))["secretVersions"]!.GetValue<int>().Should().Be(4, "they were counted on the way");
    }

    [Fact]
    public async Task A_full_secret_is_left_for_a_fresh_one_and_its_last_key_works_for_an_overlap()
    {
        var account = await RotatedAccount.Create(app, RotatedResource.ApiCredential);
        var full = account.SecretName;
        await SetForeign(account, 400);
        (await app.Admin.Post(account.Path + "/rotate")).ShouldBe(202);
        await Retire(account);
        (await Health(account))["secretVersions"]!.GetValue<int>().Should().Be(402);
        var (last, _) = await account.Current();

        (await app.Admin.Post(account.Path + "/rotate")).ShouldBe(202);

        var moved = (string)(await account.Get())["secretName"]!;
        moved.Should().Be($"{full}-2");
        var current = await app.CurrentSecret(moved);
        (await account.Accepts(current)).Should().BeTrue();
        (await account.Current()).Value.Should().Be(last, "the full secret has no more versions than it had");
        (await account.Accepts(last)).Should().BeTrue("its readers have an overlap to read the other");
        await ShouldHaveToldOf(account, "serviceAccount.secretMoved");
        await app.Cloud.Advance(RotatedAccount.Overlap);
        await account.RunTimerUntil("done");
        using (var read = await Ask(HttpMethod.Get, $"/secrets/{full}")) { ((int)read.StatusCode).Should().Be(403, "its newest version is disabled"); }
        (await account.Accepts(current)).Should().BeTrue();
        (await Health(account))["secretVersions"]!.GetValue<int>().Should().Be(1);

        (await app.Admin.Delete(account.Path, "*")).ShouldBe(204);
        foreach (var name in (string[])[full, moved]) { using var read = await Ask(HttpMethod.Get, $"/secrets/{name}"); ((int)read.StatusCode).Should().Be(404, "both go with the account"); }
    }

    [Fact]
    public async Task Versions_that_others_set_between_two_rotations_count()
    {
        var account = await RotatedAccount.Create(app, RotatedResource.ApiCredential);
        for (var rotations = 1; rotations <= 2; rotations++)
        {
            await SetForeign(account, 30);
            (await app.Admin.Post(account.Path + "/rotate")).ShouldBe(202);
            await Retire(account);
            (await Health(account))["secretVersions"]!.GetValue<int>().Should().Be(1 + (rotations * 31));
        }
    }

    private Task SetForeign(RotatedAccount account, int count) => Parallel.ForAsync(
        0,
        count,
        new ParallelOptions { MaxDegreeOfParallelism = 8 },
        async (_, _) => await Vault(HttpMethod.Put, $"/secrets/{account.SecretName}", new { value = "of somebody else" }));

    /// <summary>An account with a rotation behind it and an overlap before it, and the key that retires then.</summary>
    private async Task<(RotatedAccount Account, string Old)> Rotated(string kind)
    {
        var account = await RotatedAccount.Create(app, kind);
        var (old, _) = await account.Current();
        (await app.Admin.Post(account.Path + "/rotate")).ShouldBe(202);
        return (account, old);
    }

    private async Task Retire(RotatedAccount account)
    {
        await app.Cloud.Advance(RotatedAccount.Overlap + RotatedAccount.Overlap);
        await account.RunTimerUntil("done");
    }

    private async Task ShouldHaveMended(RotatedAccount account, string old, string notice)
    {
        await account.ShouldHaveOneCurrentKey();
        await account.ShouldHaveRetired(old);
        await ShouldHaveToldOf(account, notice);
        (await app.Cloud.RequestsByOperation())["keyVault"]!.AsObject().Should().NotContain(operation => operation.Key.StartsWith("DELETE /deletedsecrets", StringComparison.OrdinalIgnoreCase), "nothing is purged");
    }

    /// <summary>Once, in the audit log and to the customer's people.</summary>
    private async Task ShouldHaveToldOf(RotatedAccount account, string notice)
    {
        (await app.Admin.Get($"/api/customers/{account.CustomerId}/audit-log")).ShouldBe(200)["value"]!.AsArray().Should().ContainSingle(happened => (string?)happened!["action"] == notice);
        (await app.Admin.Get($"/api/customers/{account.CustomerId}/notifications")).ShouldBe(200)["value"]!.AsArray().Should().ContainSingle(told => (string?)told!["type"] == notice);
    }

    private async Task<JsonObject> Health(RotatedAccount account) => (await app.Admin.Get(account.Path + "/rotation-health")).ShouldBe(200).Object;

    /// <summary>Whoever deleted the secret would be rid of it for good.</summary>
    private async Task ShouldRefuseToPurge(RotatedAccount account)
    {
        using var answer = await Ask(HttpMethod.Delete, $"/deletedsecrets/{account.SecretName}");
        ((int)answer.StatusCode, (string?)(await answer.Content.ReadFromJsonAsync<JsonObject>())!["error"]!["code"]).Should().Be((403, "Forbidden"));
    }

    /// <summary>In a vault that lets them, somebody removes it for good.</summary>
    private async Task Purge(RotatedAccount account)
    {
        (await app.Cloud.Local.PutAsJsonAsync("/vault", new { purgeProtection = false })).EnsureSuccessStatusCode();
        await Vault(HttpMethod.Delete, $"/secrets/{account.SecretName}");
        await Vault(HttpMethod.Delete, $"/deletedsecrets/{account.SecretName}");
        await app.Cloud.ResetRequests();
    }

    private async Task Vault(HttpMethod method, string path, object? body = null)
    {
        using var answer = await Ask(method, path, body);
        answer.EnsureSuccessStatusCode();
    }

    private async Task<HttpResponseMessage> Ask(HttpMethod method, string path, object? body = null)
    {
        using var request = app.ToVault(method, path, body);
        return await app.Azure.SendAsync(request);
    }
}
