using System.Text.Json.Nodes;
using Xunit.Abstractions;

namespace CustomerFunctions.Tests.ServiceAccounts;

/// <summary>Several instances at the same due work, and many accounts under bad conditions: each account rotates exactly once.</summary>
public sealed class ManyInstancesTests(ITestOutputHelper output)
{
    private const string Timer = "RotateServiceAccountKeys";
    private const int Accounts = 60;

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public async Task Instances_that_run_at_once_and_die_at_random_rotate_each_account_once(int instances)
    {
        await using var app = await App.StartWithoutSchedules("--instances", $"{instances}");
        var accounts = await Create(app);
        await using var consumers = await Consumers(app, accounts);
        await app.Cloud.Advance(RotatedAccount.Interval);

        for (var round = 0; round < 20 && !await AllStandAt("settle", accounts); round++)
        {
            if (round < 3)
            {
                await app.Cloud.Fault(new { service = "cosmos", kind = "kill", operation = "^PUT .*/docs/sva_", when = "after", instance = round % instances, skip = 20 + round, count = 1, seconds = 300 });
            }
            await Task.WhenAll(Enumerable.Range(0, instances).Select(instance => app.Cloud.RunTimer(Timer, instance)));
            await app.Cloud.ClearFaults();
            await app.Cloud.Advance(TimeSpan.FromMinutes(5));
        }

        await ShouldHaveRotatedOnce(accounts);
        await consumers.UsesAgain();
    }

    [Fact]
    public async Task Accounts_rotate_once_while_a_fifth_of_all_calls_fail()
    {
        await using var app = await App.StartWithoutSchedules();
        var accounts = await Create(app);
        await using var consumers = await Consumers(app, accounts);
        await app.Cloud.Advance(RotatedAccount.Interval);

        var rounds = 0;
        for (; rounds < 40 && !await AllStandAt("settle", accounts); rounds++)
        {
            foreach (var service in (string[])["cosmos", "keyVault", "resourceManager"])
            {
                await app.Cloud.Fault(new { service, kind = "throttle", share = 0.1, seconds = 300, seed = rounds, retryAfterMilliseconds = 50 });
                await app.Cloud.Fault(new { service, kind = "unavailable", share = 0.07, seconds = 300, seed = 100 + rounds, retryAfterMilliseconds = 50 });
                await app.Cloud.Fault(new { service, kind = "reset", share = 0.03, when = "after", seconds = 300, seed = 200 + rounds });
            }
            await app.Cloud.RunTimer(Timer);
            await app.Cloud.ClearFaults();
            await app.Cloud.Advance(TimeSpan.FromMinutes(7));
        }

        output.WriteLine($"all rotated after {rounds} runs");
        await ShouldHaveRotatedOnce(accounts);
        await consumers.UsesAgain();
    }

    [Fact]
    public async Task An_account_that_cannot_rotate_says_why_backs_off_holds_up_nobody_and_recovers()
    {
        await using var app = await App.StartWithoutSchedules();
        var broken = await RotatedAccount.Create(app, RotatedAccount.StorageAccountKeys);
        var healthy = await RotatedAccount.Create(app, RotatedAccount.StorageAccountKeys);
        await app.DeleteStorageAccount(broken.ResourceName!);
        await app.Cloud.Advance(RotatedAccount.Interval);

        foreach (var minutes in (int[])[1, 2, 60, 1])
        {
            var run = await app.Cloud.RunTimer(Timer);
            var rotation = (await broken.Get())["latestRotation"]!;
            ((string?)rotation["status"]).Should().Be("Running");
            ((string?)rotation["step"]).Should().Be("create");
            ((string?)rotation["failure"]).Should().Be("Azure Resource Manager answered 404.");
            (rotation["nextAttemptAt"]!.GetValue<DateTimeOffset>() - await app.Cloud.Now()).TotalMinutes.Should().BeInRange(minutes * 0.9, minutes * 1.2);
            ((bool)run["succeeded"]!).Should().BeFalse("the host marks the run failed, so that an alert fires");
            ((string?)(await healthy.Get())["latestRotation"]!["step"]).Should().Be("settle");

            await app.Cloud.Advance(TimeSpan.FromMinutes(minutes * 0.8));
            ((bool)(await app.Cloud.RunTimer(Timer))["succeeded"]!).Should().BeTrue("nothing is due before the back-off is over");
            await app.Cloud.Advance(TimeSpan.FromMinutes(minutes * 0.45));
        }

        await app.PutStorageAccount(broken.ResourceName!);
        await broken.RunTimerUntil("settle");
        await broken.ShouldHaveOneCurrentKey();
        (await broken.Get())["latestRotation"]!.AsObject().Should().NotContainKey("failure");
    }

    /// <summary>Two in three API credentials, one in three storage keys.</summary>
    private static async Task<IReadOnlyList<RotatedAccount>> Create(App app)
    {
        var accounts = new RotatedAccount[Accounts];
        await Parallel.ForAsync(0, Accounts, new ParallelOptions { MaxDegreeOfParallelism = 6 }, async (i, _) =>
            accounts[i] = await RotatedAccount.Create(app, i % 3 == 0 ? RotatedAccount.StorageAccountKeys : RotatedAccount.ApiCredential));
        return accounts;
    }

    private static async Task<ConsumerGroup> Consumers(App app, IReadOnlyList<RotatedAccount> accounts) =>
        new([await Consumer.Start(app, accounts[0]), await Consumer.Start(app, accounts[1]), await Consumer.Start(app, accounts[^2]), await Consumer.Start(app, accounts[^1])]);

    private static async Task<bool> AllStandAt(string step, IReadOnlyList<RotatedAccount> accounts) =>
        (await Task.WhenAll(accounts.Select(account => account.Document()))).All(document => (string?)document["rotation"]!["step"] == step);

    private static async Task ShouldHaveRotatedOnce(IReadOnlyList<RotatedAccount> accounts)
    {
        foreach (var account in accounts)
        {
            await account.ShouldHaveOneCurrentKey();
            (await account.Keys()).Select(key => (string)key["rotationId"]!).Distinct().Should().HaveCount(2, "the first rotation, and one that was due");
            (await account.Versions()).Select(version => version.KeyId).Distinct().Should().HaveCount(2, "one more key was published");
            ((JsonObject)(await account.Document())["rotation"]!).Should().NotContainKey("lastFailure");
        }
    }

    private sealed class ConsumerGroup(IReadOnlyList<Consumer> consumers) : IAsyncDisposable
    {
        public Task UsesAgain() => Task.WhenAll(consumers.Select(consumer => consumer.UsesAgain()));

        public async ValueTask DisposeAsync()
        {
            foreach (var consumer in consumers) { await consumer.DisposeAsync(); }
        }
    }
}
