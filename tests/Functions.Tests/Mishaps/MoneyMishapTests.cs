using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using CustomerFunctions.Notifications;
using CustomerFunctions.Tests.Audit;
using CustomerFunctions.Tests.Notifications;
using CustomerFunctions.Tests.Webhooks;
using Xunit.Abstractions;

namespace CustomerFunctions.Tests.Mishaps;

/// <summary>
/// Trials end, usage is counted, quotas fill, months roll over, Stripe speaks, periods and graces end, notices go out: all at once at one instance, while something goes wrong. When it is repeated, as timers, Stripe and
/// reporters do, nothing was lost and nothing has happened twice.
/// </summary>
public sealed class MoneyMishapTests(ITestOutputHelper output)
{
    private const string Requests = "^(POST|PUT|PATCH|DELETE) /dbs/customers/colls/(customers|control)/docs";
    private const int MostRequests = 200;
    private static readonly (string Kind, string When)[] Failures = [("throttle", "before"), ("unavailable", "before"), ("unavailable", "after"), ("reset", "after")];

    /// <summary>The process dies after the first of their requests, after the twenty-first and so on, until all come to their end before; MONEY_KILLS_EVERY=1 kills after each. Which of the cases stand where just then is left to chance.</summary>
    [Fact]
    public async Task Wherever_the_process_dies_nothing_is_lost_and_nothing_happens_twice()
    {
        var every = int.TryParse(Environment.GetEnvironmentVariable("MONEY_KILLS_EVERY"), CultureInfo.InvariantCulture, out var set) ? set : 20;
        await using var app = await App.StartWithoutSchedules("--instances", "3");
        await using var receiver = await Receiver.Start();
        var (kills, watch) = (0, Stopwatch.StartNew());
        for (var (skip, died) = (0, true); died && skip < MostRequests; skip += every)
        {
            var instance = await Running(app, kills);
            var cases = await MoneyCase.All(app, receiver);
            await app.Cloud.Fault(new { service = "cosmos", kind = "kill", operation = Requests, skip, count = 1, when = "after", instance, seconds = 300 });
            await Happen(cases, instance);
            died = (await app.Cloud.Faults()).Count == 0;
            kills += died ? 1 : 0;
            await app.Cloud.ClearFaults();
            await Repeat(app, cases, kills);
            await ShouldHaveHappenedOnce(app, cases, $"the process died after request {skip + 1}");
        }
        output.WriteLine($"{kills} kills of {MoneyCase.Count} cases at once, {watch.Elapsed.TotalSeconds:F0} s");
        kills.Should().BeGreaterThan(3, "otherwise the faults miss their calls");
    }

    /// <summary>Refused as too many, not available before or after it was done, or an answer that never comes.</summary>
    [Fact]
    public async Task While_a_fifth_of_all_requests_fails_nothing_is_lost_and_nothing_happens_twice()
    {
        await using var app = await App.StartWithoutSchedules();
        await using var receiver = await Receiver.Start();
        foreach (var (kind, when) in Failures)
        {
            var cases = await MoneyCase.All(app, receiver);
            foreach (var service in new[] { "cosmos", "tables" }) { await app.Cloud.Fault(new { service, kind, when, share = 0.2, seconds = 300, retryAfterMilliseconds = 20 }); }
            await Happen(cases, 0);
            await app.Cloud.ClearFaults();
            await Repeat(app, cases, 0);
            await ShouldHaveHappenedOnce(app, cases, $"a fifth is answered with {kind}, {when} it is carried out");
        }
    }

    private static Task Happen(IEnumerable<MoneyCase> cases, int instance) => Task.WhenAll(cases.Select(async one =>
    {
        try { await one.Happen(instance); }
        catch (Exception e) when (e is HttpRequestException or JsonException or OperationCanceledException or Xunit.Sdk.XunitException) { /* It died under it, or said no. */ }
    }));

    /// <summary>Everything again, twice, past leases and graces; then what was left behind.</summary>
    private static async Task Repeat(App app, IReadOnlyList<MoneyCase> cases, int turn)
    {
        for (var again = 0; again < 2; again++)
        {
            await app.Cloud.Advance(TimeSpan.FromMinutes(3));
            var instance = await Running(app, turn);
            foreach (var one in cases) { await MoneyWorld.Insist(() => one.Happen(instance)); }
            foreach (var timer in new[] { "CountUsage", "WriteAuditEvents", "SendWebhooks" }) { await app.Cloud.RunTimer(timer, instance); }
        }
    }

    private static async Task ShouldHaveHappenedOnce(App app, IReadOnlyList<MoneyCase> cases, string because)
    {
        foreach (var one in cases)
        {
            (await one.Comes()).Should().Be(one.To, "of '{0}', when {1}", one.Name, because);
            (await NotificationsTests.List(app, one.CustomerId)).Select(told => (string)told["type"]!).Should().BeEquivalentTo(one.Told, "of '{0}', when {1}", one.Name, because);
            (await new AuditTrail(app, one.CustomerId).Actions()).Where(action => Notices.Find(action) is not null).Should().BeEquivalentTo(one.Told, "of the log of '{0}', when {1}", one.Name, because);
        }
        (await app.Data.All("customers", "SELECT * FROM c WHERE c.uncountedSince > '' OR c.outboxDueAt > ''")).Should().BeEmpty("nothing is left when {0}", because);
    }

    /// <summary>Another instance each time, so that the host, which restarts one that keeps dying more slowly, finds each of them settled.</summary>
    private static async Task<int> Running(App app, int turn)
    {
        var found = -1;
        await Eventually.True(async () =>
        {
            var instances = await app.Cloud.Instances();
            found = Enumerable.Range(0, instances.Count).Select(i => (turn + i) % instances.Count).FirstOrDefault(i => (string?)instances[i]!["state"] == "running", -1);
            return found >= 0;
        }, TimeSpan.FromSeconds(60), "an instance is running");
        return found;
    }
}
