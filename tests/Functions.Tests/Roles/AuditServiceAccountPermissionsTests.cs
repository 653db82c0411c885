using System.Text.Json.Nodes;
using CustomerFunctions.Plans;

namespace CustomerFunctions.Tests.Roles;

/// <summary>The daily look at what service accounts have in Azure.</summary>
[Collection(nameof(AzureWorld))]
public sealed class AuditServiceAccountPermissionsTests(AzureWorld world)
{
    private const string Timer = "AuditServiceAccountPermissions";
    private readonly App app = world.App;

    [Fact]
    public async Task Every_account_with_roles_is_looked_at_once_a_day_and_what_drifted_is_reported()
    {
        await Quiet();
        var (fine, drifted) = (await world.NewAccount("Reader"), await world.NewAccount("Reader"));
        (await app.Admin.Post((await world.NewAccount("Reader")).Account.Path + "/suspend", new { reason = "tests" })).ShouldBe(200);
        await ServiceAccounts.RotatedAccount.Create(app, ServiceAccounts.RotatedAccount.ApiCredential);
        await world.Give(drifted.Principal, "Owner", AzureWorld.Subscription);
        Counts(await app.Cloud.RunTimer(Timer)).Should().BeEmpty("they were looked at when they were made");
        await app.Cloud.Advance(TimeSpan.FromDays(1));
        await app.Cloud.ResetRequests();

        var run = Counts(await app.Cloud.RunTimer(Timer));

        run["drifted"].Should().BeGreaterThanOrEqualTo(1);
        run["resting"].Should().BeGreaterThanOrEqualTo(1, "nobody looks at what is suspended");
        run.Should().NotContainKey("skipped", "nobody else was at them");
        ((int)(await app.Cloud.Requests())["resourceManager"]!).Should().BeLessThanOrEqualTo(run.Values.Sum() + 2, "one question for each account, and the roles of the subscription once an hour and instance");
        var (one, other) = ((await app.Admin.Get(fine.Permissions))["azure"]!, (await app.Admin.Get(drifted.Permissions))["azure"]!);
        one["drift"]!.AsArray().Should().BeEmpty();
        other["drift"]!.AsArray().Select(drift => ((string?)drift!["kind"], (string?)drift["role"])).Should().Equal(("wider", "Owner"));
        Counts(await app.Cloud.RunTimer(Timer)).Should().BeEmpty();
    }

    [Fact]
    public async Task Each_kind_of_drift_is_in_the_audit_log_once_and_again_only_when_it_has_changed()
    {
        await Quiet();
        var (missing, extra, wider) = (await world.NewAccount("Reader"), await world.NewAccount("Reader"), await world.NewAccount("Reader"));
        await world.Take(missing.Group, (await world.RolesOf(missing.Principal)).Single().Name);
        await world.Give(extra.Principal, "Monitoring Reader", extra.Group);
        await world.Give(wider.Principal, "Reader", AzureWorld.Subscription);
        for (var day = 0; day < 3; day++)
        {
            await app.Cloud.Advance(TimeSpan.FromDays(1));
            await app.Cloud.RunTimer(Timer);
        }

        foreach (var (made, what) in new[] { (missing, $"Missing Reader at {missing.Group}"), (extra, $"Extra Monitoring Reader at {extra.Group}"), (wider, $"Wider Reader at {AzureWorld.Subscription}") }) { (await Drifts(made)).Should().Equal(what); }
        Logged(wider).Should().Be(1, "it was new once");
        await world.Give(extra.Principal, "Contributor", extra.Group);
        await app.Cloud.Advance(TimeSpan.FromDays(1));
        await app.Cloud.RunTimer(Timer);
        (await Drifts(extra)).Should().HaveCount(2).And.Contain(drift => drift.Contains("Contributor", StringComparison.Ordinal));
        (await app.Admin.Post(wider.Permissions + "/repair")).ShouldBe(200)["azure"]!["drift"]!.AsArray().Should().BeEmpty();
    }

    [Fact]
    public async Task An_account_with_a_plans_roles_gets_those_of_another_plan_with_the_change_and_at_the_daily_look_if_it_was_missed()
    {
        await Quiet();
        var made = await world.NewAccount(roles: null);
        var (change, professional) = ($"/api/customers/{made.Account.CustomerId}/subscription/change", new { planId = "professional", start = "now" });
        var effects = (await app.Admin.Post(change + "?whatIf=true", professional)).ShouldBe(200)["effects"]!.AsArray();
        var follows = effects.Single(effect => (string?)effect!["action"] == "rolesFollowPlan")!;
        ((string?)follows["target"]).Should().Be(made.Account.Id);
        follows["at"]!.GetValue<DateTimeOffset>().Should().BeCloseTo(await app.Cloud.Now(), TimeSpan.FromMinutes(1));

        (await app.Admin.Post(change, professional)).ShouldBe(200);

        (await world.RolesOf(made.Principal)).Select(role => role.Role).Should().BeEquivalentTo("Reader", "Monitoring Reader");
        (await app.Admin.Post(change, new { planId = "free", start = "now" })).ShouldBe(200);
        (await world.RolesOf(made.Principal)).Select(role => role.Role).Should().BeEquivalentTo(PlanCatalogue.Of("free").RoleTemplate);
        (await app.Admin.Post(change, professional)).ShouldBe(200);
        // One from before that was so.
        var (document, extra) = (await made.Account.Document(), (await world.RolesOf(made.Principal)).Single(role => role.Role == "Monitoring Reader"));
        document["azure"]!["givenPlan"] = "trial";
        await app.Data.Replace("customers", made.Account.CustomerId, document);
        await world.Take(extra.Scope, extra.Name);
        await app.Cloud.Advance(TimeSpan.FromDays(1));

        var run = Counts(await app.Cloud.RunTimer(Timer));

        run["followsPlan"].Should().Be(1);
        await app.Cloud.RunTimer("SettleServiceAccounts");
        (await world.RolesOf(made.Principal)).Select(role => (role.Role, role.Scope)).Should().BeEquivalentTo([("Reader", made.Group), ("Monitoring Reader", made.Group)]);
        (await Drifts(made)).Should().BeEmpty("Azure is as it was left");
    }

    [Fact]
    public async Task A_subscription_that_asks_for_time_is_left_alone_and_the_rest_of_the_accounts_come_later()
    {
        await Quiet();
        for (var i = 0; i < 10; i++) { await world.NewAccount("Reader"); }
        await app.Cloud.Advance(TimeSpan.FromDays(1));
        await app.Cloud.Fault(new { service = "resourceManager", operation = "^GET .*roleAssignments", count = 1000, seconds = 300, kind = "throttle", retryAfterMilliseconds = 2_000 });
        await app.Cloud.ResetRequests();

        Dictionary<string, int> run;
        try { run = Counts(await app.Cloud.RunTimer(Timer, 0)); }
        finally { await app.Cloud.ClearFaults(); }

        run.Keys.Should().BeSubsetOf(["throttled", "resting"], "what other tests have suspended or are moving is passed over");
        run["throttled"].Should().BeGreaterThanOrEqualTo(10);
        await app.Cloud.Advance(TimeSpan.FromMinutes(2));
        Counts(await app.Cloud.RunTimer(Timer, 0))["asExpected"].Should().BeGreaterThanOrEqualTo(10);
    }

    /// <summary>How often the app's log says that an account has drifted.</summary>
    private int Logged(RoleAccount made) => Directory.EnumerateFiles(Path.Combine(app.Cloud.State, "logs"), "functions-*.log").Sum(path =>
    {
        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        return reader.ReadToEnd().Split('\n').Count(line => line.Contains($"Service account {made.Account.Id} differs in", StringComparison.Ordinal));
    });

    /// <summary>What the audit log says of an account's drift, newest first.</summary>
    private async Task<IReadOnlyList<string>> Drifts(RoleAccount made)
    {
        await app.Cloud.RunTimer("WriteAuditEvents");
        var log = (await app.Admin.Get($"/api/customers/{made.Account.CustomerId}/audit-log?maxpagesize=100")).ShouldBe(200)["value"]!.AsArray();
        return [.. log.Where(one => (string?)one!["action"] == "serviceAccount.permissionsDrifted").Select(one => (string)one!["metadata"]!["drift"]!)];
    }

    /// <summary>Other tests' accounts are looked at first, so that this one meets its own.</summary>
    private async Task Quiet() => await app.Cloud.RunTimer(Timer);

    private static Dictionary<string, int> Counts(JsonObject run) => run["returnValue"]!.AsObject().ToDictionary(count => count.Key, count => (int)count.Value!);
}
