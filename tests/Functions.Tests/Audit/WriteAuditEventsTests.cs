using System.Diagnostics;
using Xunit.Abstractions;

namespace CustomerFunctions.Tests.Audit;

/// <summary>
/// Every call that a change makes goes wrong once in every way. Whatever happens, a change that was acknowledged has its event, a change that was made without an answer has its event too, and none has two.
/// </summary>
public sealed class WriteAuditEventsTests(ITestOutputHelper output)
{
    private static readonly string[] Ways = ["killed before", "killed after", "answer lost", "throttled", "unavailable"];

    [Theory]
    [InlineData("cosmos", "^(PUT|PATCH) /dbs/customers/colls/customers/docs/CUSTOMER$")]
    [InlineData("tables", "^[A-Z]+ .*")]
    public async Task A_change_and_its_event_are_both_there_or_neither_is(string service, string operation)
    {
        await using var app = await App.StartWithoutSchedules("--instances", "3");
        var (turn, happened, watch) = (0, 0, Stopwatch.StartNew());
        foreach (var what in Ways)
        {
            // One call later each time, until there is none any more.
            for (var (skip, more) = (0, true); more; skip++)
            {
                more = await Change(app, what, service, operation, skip, turn++);
                happened += more ? 1 : 0;
            }
        }
        output.WriteLine($"{happened} ways to go wrong, {watch.Elapsed.TotalSeconds:F0} s");
        happened.Should().BeGreaterThanOrEqualTo(Ways.Length, "otherwise the faults miss their calls");
    }

    [Fact]
    public async Task While_the_log_is_down_changes_go_on_and_the_timer_writes_their_events_later()
    {
        await using var app = await App.StartWithoutSchedules();
        var id = (string)(await app.CreateCustomer())["id"]!;
        var trail = new AuditTrail(app, id);
        await app.Cloud.Fault(new { service = "tables", kind = "unavailable", seconds = 300 });
        var etag = "*";
        for (var i = 0; i < 3; i++) { etag = (await app.Admin.Patch($"/api/customers/{id}", new { displayName = $"Ada {i}" }, etag)).ShouldBe(200).ETag; }
        await app.Cloud.ClearFaults();
        await app.Cloud.RunTimer("WriteAuditEvents");
        (await trail.Actions()).Should().Equal(["customer.created"], "requests that are under way are left alone");

        await app.Cloud.Advance(TimeSpan.FromMinutes(2));
        await app.Cloud.RunTimer("WriteAuditEvents");
        await app.Cloud.RunTimer("WriteAuditEvents");

        (await trail.Actions()).Should().Equal("customer.updated", "customer.updated", "customer.updated", "customer.created");
        await trail.ShouldBeIntact(4);
        (await app.ReadDocument("customers", id, id)).ContainsKey("outbox").Should().BeFalse();
        (await app.Admin.Patch($"/api/customers/{id}", new { displayName = "Ada" }, etag)).ShouldBe(200);
    }

    private static async Task<bool> Change(App app, string what, string service, string operation, int skip, int turn)
    {
        var id = (string)(await app.CreateCustomer())["id"]!;
        var instance = await Running(app, turn);
        await Threaten(app, what, service, operation.Replace("CUSTOMER", id, StringComparison.Ordinal), skip, instance);
        var status = await Try(app, instance, id);
        var happened = (await app.Cloud.Faults()).Count == 0;
        await app.Cloud.ClearFaults();

        await app.Cloud.Advance(TimeSpan.FromMinutes(2));
        await app.Cloud.RunTimer("WriteAuditEvents", await Running(app, turn + 1));
        var changed = (string?)(await app.Admin.Get($"/api/customers/{id}")).ShouldBe(200)["displayName"] == "Changed";
        var trail = new AuditTrail(app, id);
        var because = $"of {service} {what}, at call {skip + 1}, answered {status}";
        if (status == 200) { changed.Should().BeTrue(because); }
        (await trail.Actions()).Should().Equal(changed ? ["customer.updated", "customer.created"] : ["customer.created"], because);
        await trail.ShouldBeIntact(changed ? 2 : 1);
        (await app.ReadDocument("customers", id, id)).ContainsKey("outbox").Should().BeFalse(because);
        return happened;
    }

    private static Task Threaten(App app, string what, string service, string operation, int skip, int instance) => app.Cloud.Fault(what switch
    {
        "killed before" => new { service, operation, skip, count = 1, seconds = 300, kind = "kill", when = "before", instance },
        "killed after" => new { service, operation, skip, count = 1, seconds = 300, kind = "kill", when = "after", instance },
        "answer lost" => new { service, operation, skip, count = 1, seconds = 300, kind = "reset", when = "after" },
        "throttled" => new { service, operation, skip, count = 1, seconds = 300, kind = "throttle", retryAfterMilliseconds = 20 },
        _ => new { service, operation, skip, count = 1, seconds = 300, kind = "unavailable", retryAfterMilliseconds = 20 },
    });

    private static async Task<int?> Try(App app, int instance, string id)
    {
        try { return (await (await app.AdminAt(instance)).Patch($"/api/customers/{id}", new { displayName = "Changed" }, "*")).Status; }
        catch (HttpRequestException) { return null; }
    }

    /// <summary>Another instance each time, so that the host, which restarts one that keeps dying more slowly, finds each of them settled.</summary>
    private static async Task<int> Running(App app, int turn)
    {
        while (true)
        {
            var instances = await app.Cloud.Instances();
            for (var i = 0; i < instances.Count; i++)
            {
                var instance = (turn + i) % instances.Count;
                if ((string?)instances[instance]!["state"] == "running") { return instance; }
            }
            await Task.Delay(20);
        }
    }
}
