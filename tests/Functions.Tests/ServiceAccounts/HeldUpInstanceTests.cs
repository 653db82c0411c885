namespace CustomerFunctions.Tests.ServiceAccounts;

/// <summary>Instances that know less than they think: one that was stopped and goes on after its work was taken over, one that remembers keys of before.</summary>
public sealed class HeldUpInstanceTests
{
    private const string Timer = "RotateServiceAccountKeys";

    [Theory]
    [InlineData(RotatedAccount.ApiCredential)]
    [InlineData(RotatedAccount.StorageAccountKeys)]
    public async Task An_instance_that_stood_still_past_its_lease_changes_nothing_any_more(string kind)
    {
        // Windows has no way to stop a process where it stands.
        if (OperatingSystem.IsWindows()) { return; }
        await using var app = await App.StartWithoutSchedules("--instances", "2");
        var account = await RotatedAccount.Create(app, kind);
        await using var consumer = await Consumer.Start(app, account);
        await app.Cloud.Advance(RotatedAccount.Interval);

        // Held up while it tries its new key: created and saved, not yet published.
        var (service, operation) = kind == RotatedAccount.ApiCredential
            ? ("cosmos", $"^GET /dbs/customers/colls/customers/docs/{account.Id}$")
            : ("blob", $"^GET /{account.ResourceName}/.*maxresults=1$");
        // Whoever uses the account's key at that moment reads the account too.
        await app.Cloud.Fault(new { service, operation, kind = "latency", milliseconds = 3000, count = 20, seconds = 300 });
        var heldUp = app.Cloud.RunTimer(Timer, 0);
        await Eventually.True(async () => (string?)(await account.Document())["rotation"]!["step"] == "test", TimeSpan.FromSeconds(30), "the new key is created");
        (await app.Cloud.OnInstance(0, "stop")).EnsureSuccessStatusCode();
        await app.Cloud.ClearFaults();

        await app.Cloud.Advance(TimeSpan.FromMinutes(3));
        var other = await app.Cloud.RunTimer(Timer, 1);
        ((int?)other["returnValue"]!["rotated"]).Should().Be(1);
        var after = await account.Document();
        var versions = await account.Versions();

        (await app.Cloud.OnInstance(0, "continue")).EnsureSuccessStatusCode();
        await heldUp;

        (await account.Document())["_etag"]!.ToJsonString().Should().Be(after["_etag"]!.ToJsonString(), "the account is another's by now");
        (await account.Versions()).Should().BeEquivalentTo(versions);
        await account.ShouldHaveOneCurrentKey();
        await consumer.UsesAgain();
    }

    [Fact]
    public async Task A_new_key_is_accepted_at_once_by_an_instance_that_remembers_the_account_from_before()
    {
        await using var app = await App.StartWithoutSchedules("--instances", "2");
        var account = await RotatedAccount.Create(app, RotatedAccount.ApiCredential);
        var (old, _) = await account.Current();
        var customer = $"/api/customers/{account.CustomerId}";
        foreach (var instance in (int[])[0, 1]) { (await (await app.CallerOf(instance, old)).Get(customer)).ShouldBe(200); }

        (await (await app.AdminAt(0)).Post(account.Path + "/rotate")).ShouldBe(202);

        var (current, _) = await account.Current();
        foreach (var instance in (int[])[1, 0])
        {
            (await (await app.CallerOf(instance, current)).Get(customer)).ShouldBe(200);
            (await (await app.CallerOf(instance, old)).Get(customer)).ShouldBe(200);
        }
    }

    [Fact]
    public async Task A_key_that_got_in_front_of_the_current_one_is_overtaken_before_the_old_one_retires()
    {
        await using var app = await App.StartWithoutSchedules();
        var account = await RotatedAccount.Create(app, RotatedAccount.StorageAccountKeys);
        var (first, _) = await account.Current();
        (await app.Admin.Post(account.Path + "/rotate")).ShouldBe(202);
        var (second, secondId) = await account.Current();
        // As an instance would that was frozen between its look at the lease and its call.
        using (var late = app.ToVault(HttpMethod.Put, $"/secrets/{account.SecretName}", new { value = first, tags = new { keyId = "key_late" } }))
        {
            (await app.Azure.SendAsync(late)).EnsureSuccessStatusCode();
        }

        await app.Cloud.Advance(RotatedAccount.Overlap);
        await app.Cloud.RunTimer(Timer);

        (await account.Current()).Should().Be((second, secondId));
        await account.ShouldHaveOneCurrentKey();
        (await account.Accepts(first)).Should().BeFalse();
        ((string?)(await account.Get())["latestRotation"]!["step"]).Should().Be("done");
    }

    [Fact]
    public async Task A_current_key_that_was_ended_behind_our_back_is_mended_before_the_old_one_retires()
    {
        await using var app = await App.StartWithoutSchedules();
        var account = await RotatedAccount.Create(app, RotatedAccount.StorageAccountKeys);
        var (first, _) = await account.Current();
        (await app.Admin.Post(account.Path + "/rotate")).ShouldBe(202);
        var (second, secondId) = await account.Current();
        var resourceId = (string)(await account.Get())["resourceId"]!;
        await app.Arm(HttpMethod.Post, $"{resourceId}/regenerateKey?api-version=2023-05-01", new { keyName = "key2" });
        (await account.Accepts(second)).Should().BeFalse("its slot was made anew");

        await app.Cloud.Advance(RotatedAccount.Overlap);
        await app.Cloud.RunTimer(Timer);

        var (mended, keyId) = await account.Current();
        keyId.Should().Be(secondId);
        mended.Should().NotBe(second);
        await account.ShouldHaveOneCurrentKey();
        (await account.Accepts(first)).Should().BeFalse("only now");
    }

    [Fact]
    public async Task An_old_key_is_kept_while_the_new_one_is_not_to_be_had()
    {
        await using var app = await App.StartWithoutSchedules();
        var account = await RotatedAccount.Create(app, RotatedAccount.ApiCredential);
        var (first, _) = await account.Current();
        (await app.Admin.Post(account.Path + "/rotate")).ShouldBe(202);
        using (var delete = app.ToVault(HttpMethod.Delete, $"/secrets/{account.SecretName}")) { (await app.Azure.SendAsync(delete)).EnsureSuccessStatusCode(); }
        await app.Cloud.Fault(new { service = "keyVault", operation = "^POST /deletedsecrets/", kind = "unavailable", retryAfterMilliseconds = 20, seconds = 300 });

        await app.Cloud.Advance(RotatedAccount.Overlap);
        await app.Cloud.RunTimer(Timer);

        var rotation = (await account.Get())["latestRotation"]!;
        ((string?)rotation["step"]).Should().Be("retire");
        ((string?)rotation["failure"]).Should().StartWith("Key Vault answered 503");
        (await account.Accepts(first)).Should().BeTrue("its successor was deleted from Key Vault");

        await app.Cloud.ClearFaults();
        // It was used a moment ago, so it is kept for another overlap.
        await account.RunTimerUntil("settle");
        await app.Cloud.Advance(RotatedAccount.Overlap);
        await account.RunTimerUntil("done");
        await account.ShouldHaveOneCurrentKey();
        await account.ShouldHaveRetired(first);
    }
}
