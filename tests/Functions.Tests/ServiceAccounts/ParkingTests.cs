using System.Text.Json.Nodes;
using CustomerFunctions.Tests.Notifications;

namespace CustomerFunctions.Tests.ServiceAccounts;

/// <summary>What fails for long is parked and said so; what is throttled is left alone; neither holds up anybody else.</summary>
public sealed class ParkingTests : IAsyncLifetime
{
    private const string Timer = "RotateServiceAccountKeys";
    private App app = null!;

    public async Task InitializeAsync() => app = await App.StartWithoutSchedules();

    public async Task DisposeAsync() => await app.DisposeAsync();

    [Fact]
    public async Task After_nine_failures_a_rotation_is_parked_with_an_alert_and_goes_on_when_it_is_unparked()
    {
        var account = await RotatedAccount.Create(app, RotatedAccount.StorageAccountKeys);
        (await app.Admin.Post(account.Path + "/unpark")).ShouldBeRefused(409, "rotation-not-parked");
        await app.DeleteStorageAccount(account.ResourceName!);
        // So late that the attempts may take longer than the key lasts.
        await app.Cloud.Advance(RotatedAccount.Interval * 2);

        var runs = 0;
        for (; runs < 12 && (string?)(await Health(account))["state"] != "parked"; runs++)
        {
            ((bool)(await app.Cloud.RunTimer(Timer))["succeeded"]!).Should().BeFalse("somebody is to see it");
            var next = (await Health(account))["nextAttemptAt"]?.GetValue<DateTimeOffset>();
            (await LookAgain(account)).Should().Be(next is not null, "whoever follows it is told when to look again, while it is tried");
            if (next is not null) { await app.Cloud.Advance(next.Value - await app.Cloud.Now() + TimeSpan.FromSeconds(1)); }
        }

        runs.Should().Be(9);
        ((string?)(await account.Get())["state"]).Should().Be("parked");
        ((string?)(await account.Get())["latestRotation"]!["status"]).Should().Be("Failed");
        await app.Cloud.Advance(TimeSpan.FromDays(1));
        ((bool)(await app.Cloud.RunTimer(Timer))["succeeded"]!).Should().BeTrue("it is no longer tried");
        var log = (await app.Admin.Get($"/api/customers/{account.CustomerId}/audit-log")).ShouldBe(200).Body;
        (await NotificationsTests.List(app, account.CustomerId)).Count(told => (string?)told["type"] == "serviceAccount.rotationParked").Should().Be(1, "people are told, once");
        log.Should().Contain("serviceAccount.rotationParked").And.Contain("serviceAccount.rotationMarginGone");
        var health = await Health(account);
        ((string?)health["failure"]).Should().Be("Azure Resource Manager answered 404.");
        ((string?)health["margin"]).Should().StartWith("-");
        health.Should().ContainKey("overdueBy").And.ContainKey("alarmedAt");

        await app.PutStorageAccount(account.ResourceName!);
        (await app.Admin.Post(account.Path + "/unpark")).ShouldBe(202);
        await account.ShouldHaveOneCurrentKey();
        ((string?)(await Health(account))["state"]).Should().Be("healthy");
        ((string?)(await Health(account))["margin"]).Should().StartWith("P");
    }

    [Fact]
    public async Task While_a_subscription_is_throttled_no_other_account_of_it_is_begun_and_the_rest_goes_on()
    {
        var storage = new RotatedAccount[24];
        await Parallel.ForAsync(0, storage.Length, new ParallelOptions { MaxDegreeOfParallelism = 6 }, async (i, _) => storage[i] = await RotatedAccount.Create(app, RotatedAccount.StorageAccountKeys));
        var api = await RotatedAccount.Create(app, RotatedAccount.ApiCredential);
        await app.Cloud.Advance(RotatedAccount.Interval);
        await app.Cloud.Fault(new { service = "resourceManager", kind = "throttle", seconds = 300, retryAfterMilliseconds = 60_000 });
        await app.Cloud.ResetRequests();

        var run = await app.Cloud.RunTimer(Timer);

        ((bool)run["succeeded"]!).Should().BeTrue("it ends by itself");
        run["returnValue"]!.AsObject().ToDictionary(count => count.Key, count => (int)count.Value!).Should().Equal(new Dictionary<string, int> { ["rotated"] = 1, ["waiting"] = 24 });
        ((int)(await app.Cloud.Requests())["resourceManager"]!).Should().BeInRange(1, 8, "those that were under way when the first was refused, and none again");
        await api.ShouldHaveOneCurrentKey();
        await app.Cloud.ClearFaults();
        (await app.Cloud.RunTimer(Timer))["returnValue"]!.AsObject().Should().BeEmpty("it is left alone for as long as it said");
        await app.Cloud.Advance(TimeSpan.FromMinutes(3));
        (await app.Cloud.RunTimer(Timer))["returnValue"]!["rotated"]!.GetValue<int>().Should().Be(24);
        (await storage[0].Document())["rotation"]!.AsObject().Should().NotContainKey("lastFailure");
    }

    [Fact]
    public async Task While_the_vault_is_throttled_nothing_is_begun_nor_written()
    {
        var accounts = new RotatedAccount[20];
        await Parallel.ForAsync(0, accounts.Length, new ParallelOptions { MaxDegreeOfParallelism = 6 }, async (i, _) => accounts[i] = await RotatedAccount.Create(app, RotatedAccount.ApiCredential));
        await app.Cloud.Advance(RotatedAccount.Interval);
        await app.Cloud.Fault(new { service = "keyVault", kind = "throttle", seconds = 300, retryAfterMilliseconds = 60_000 });
        await app.Cloud.ResetRequests();

        var run = await app.Cloud.RunTimer(Timer);

        ((int)run["returnValue"]!["waiting"]!).Should().Be(20);
        ((int)(await app.Cloud.Requests())["keyVault"]!).Should().BeInRange(1, 8);
        await app.Cloud.ClearFaults();
        await app.Cloud.Advance(TimeSpan.FromMinutes(3));
        await app.Cloud.RunTimer(Timer);
        foreach (var account in accounts) { await account.ShouldHaveOneCurrentKey(); }
    }

    private async Task<bool> LookAgain(RotatedAccount account)
    {
        var rotation = (await app.Admin.Get($"{account.Path}/rotations/{(await account.Get())["latestRotation"]!["id"]}")).ShouldBe(200);
        if (rotation.Headers.RetryAfter is not { Delta: { } wait }) { return false; }
        var next = rotation["nextAttemptAt"]!.GetValue<DateTimeOffset>() - await app.Cloud.Now();
        wait.Should().BeCloseTo(next < TimeSpan.FromHours(1) ? next : TimeSpan.FromHours(1), TimeSpan.FromSeconds(30));
        return true;
    }

    private async Task<JsonObject> Health(RotatedAccount account) => (await app.Admin.Get(account.Path + "/rotation-health")).ShouldBe(200).Object;
}
