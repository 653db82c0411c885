using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Xunit.Abstractions;

namespace CustomerFunctions.Tests.ServiceAccounts;

/// <summary>Several instances at the same due work, and many accounts under bad conditions: each account rotates exactly once.</summary>
public sealed class ManyInstancesTests(ITestOutputHelper output)
{
    private const string Timer = "RotateServiceAccountKeys";
    private const int Accounts = 60;
    private const int Instances = 4;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    /// <summary>As many as are due in the storm; <c>STORM_ACCOUNTS=500</c> for its full size.</summary>
    private static readonly int StormAccounts = int.TryParse(Environment.GetEnvironmentVariable("STORM_ACCOUNTS"), CultureInfo.InvariantCulture, out var accounts) ? accounts : 120;

    /// <summary>Every second one of four instances is killed, whichever, as long as another is up; until every account has rotated.</summary>
    [Fact]
    public async Task Four_instances_of_which_one_dies_every_second_rotate_each_account_once()
    {
        await using var app = await App.StartWithoutSchedules("--instances", $"{Instances}");
        var accounts = await Create(app, StormAccounts);
        await using var consumers = await Consumers(app, accounts);
        await app.Cloud.Advance(RotatedAccount.Interval);
        // A save takes a while, so that deaths find instances between any two of them.
        await app.Cloud.Fault(new { service = "cosmos", kind = "latency", operation = "^PUT .*/docs/sva_", milliseconds = 300, seconds = 600 });

        using var over = new CancellationTokenSource();
        var killing = KillOneEverySecond(app, over.Token);
        var (rounds, watch) = (0, Stopwatch.StartNew());
        while (watch.Elapsed < Patience && await Settled(app) < accounts.Count)
        {
            var ran = await Task.WhenAll(Enumerable.Range(0, Instances).Select(instance => TryRun(app, instance)));
            if (!ran.Contains(true)) { continue; }
            // Past the leases of the dead.
            await app.Cloud.Advance(TimeSpan.FromMinutes(3));
            rounds++;
        }
        await over.CancelAsync();
        var kills = await killing;
        await app.Cloud.ClearFaults();

        output.WriteLine($"{accounts.Count} accounts rotated in {rounds} rounds of {Instances} instances and {watch.Elapsed.TotalSeconds:F0} s, {kills} kills");
        kills.Should().BeGreaterThan(3);
        await EachShouldHaveRotatedOnce(app, accounts);
        await consumers.UsesAgain();
    }

    [Fact]
    public async Task Accounts_rotate_once_while_a_fifth_of_all_calls_fail()
    {
        await using var app = await App.StartWithoutSchedules();
        var accounts = await Create(app, Accounts);
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
            ((bool)run["succeeded"]!).Should().BeFalse("the host is to mark the run failed");
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
    private static async Task<IReadOnlyList<RotatedAccount>> Create(App app, int count)
    {
        var accounts = new RotatedAccount[count];
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 6 }, async (i, _) =>
            accounts[i] = await RotatedAccount.Create(app, i % 3 == 0 ? RotatedAccount.StorageAccountKeys : RotatedAccount.ApiCredential));
        return accounts;
    }

    private static async Task<ConsumerGroup> Consumers(App app, IReadOnlyList<RotatedAccount> accounts) =>
        new([await Consumer.Start(app, accounts[0]), await Consumer.Start(app, accounts[1]), await Consumer.Start(app, accounts[^2]), await Consumer.Start(app, accounts[^1])]);

    private static async Task<bool> AllStandAt(string step, IReadOnlyList<RotatedAccount> accounts) =>
        (await Task.WhenAll(accounts.Select(account => account.Document()))).All(document => (string?)document["rotation"]!["step"] == step);

    private static async Task<int> KillOneEverySecond(App app, CancellationToken until)
    {
        var kills = 0;
        using var seconds = new PeriodicTimer(TimeSpan.FromSeconds(1));
        try
        {
            while (await seconds.WaitForNextTickAsync(until))
            {
                var up = (await app.Cloud.Instances()).Where(instance => (string?)instance!["state"] == "running").Select(instance => (int)instance!["index"]!).ToArray();
                if (up.Length < 2) { continue; }
                await app.Cloud.OnInstance(up[Random.Shared.Next(up.Length)], "kill");
                kills++;
            }
        }
        catch (OperationCanceledException) { /* All is done. */ }
        return kills;
    }

    /// <summary>Whether the instance was there to run the timer; it may have died over it.</summary>
    private static async Task<bool> TryRun(App app, int instance)
    {
        try { return (await app.Cloud.RunTimer(Timer, instance)).ContainsKey("succeeded"); }
        catch (Exception e) when (e is HttpRequestException or System.Text.Json.JsonException) { return true; }
    }

    /// <summary>Rotated, and not claimed for the look at a late call, over which an instance can die as well.</summary>
    private static async Task<int> Settled(App app) =>
        (await Documents(app)).Count(document => (string?)document["rotation"]!["step"] == "settle" && !document.ContainsKey("leasedUntil"));

    private static async Task<IReadOnlyList<JsonObject>> Documents(App app) => [.. (await app.Data.All("customers")).Where(document => (string?)document["type"] == "serviceAccount")];

    /// <summary>None twice, none left claimed, none left out; what Key Vault hands out is each one's current key, and works.</summary>
    private static async Task EachShouldHaveRotatedOnce(App app, IReadOnlyList<RotatedAccount> accounts)
    {
        var documents = (await Documents(app)).ToDictionary(document => (string)document["id"]!);
        foreach (var document in accounts.Select(account => documents[account.Id]))
        {
            document.Should().NotContainKey("leasedUntil");
            ((string?)document["rotation"]!["step"]).Should().Be("settle");
            document["keys"]!.AsArray().Select(key => (string)key!["rotationId"]!).Distinct().Should().HaveCount(2, "the first rotation, and one that was due");
            document["keys"]!.AsArray().Select(key => (string)key!["state"]!).Should().ContainSingle(state => state == "current").And.NotContain("pending");
        }
        await Parallel.ForEachAsync(accounts, new ParallelOptions { MaxDegreeOfParallelism = 6 }, async (account, _) =>
        {
            var (value, keyId) = await account.Current();
            keyId.Should().Be((string)documents[account.Id]["keys"]!.AsArray().Single(key => (string)key!["state"]! == "current")!["id"]!);
            (await account.Accepts(value)).Should().BeTrue();
        });
    }

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
