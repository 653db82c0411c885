using System.Globalization;
using System.Text.Json.Nodes;
using CustomerFunctions.Tests.Audit;

namespace CustomerFunctions.Tests.Trials;

/// <summary>The timer that ends trials, on an environment whose clock the tests move.</summary>
public sealed class ExpireTrialsTests : IAsyncLifetime
{
    private const string Timer = "ExpireTrials";
    private static readonly TimeSpan TrialLength = TimeSpan.FromDays(14);
    private App app = null!;

    public async Task InitializeAsync() => app = await App.StartWithoutSchedules("--instances", "2");

    public async Task DisposeAsync() => await app.DisposeAsync();

    [Fact]
    public async Task A_trial_ends_on_time_and_once_however_often_the_timer_runs()
    {
        var customer = await app.CreateCustomer();
        await app.Cloud.Advance(TrialLength - TimeSpan.FromDays(3));
        Counts(await app.Cloud.RunTimer(Timer)).Should().Equal(new Dictionary<string, int> { ["reminded"] = 1 });
        await app.Cloud.Advance(TimeSpan.FromDays(3) - TimeSpan.FromMinutes(5));
        Counts(await app.Cloud.RunTimer(Timer)).Should().BeEmpty("the trial has five minutes left");
        (await Read(customer)).Should().Match<JsonObject>(read => (string?)read["trial"]!["status"] == "active");

        await app.Cloud.Advance(TimeSpan.FromMinutes(5));
        var run = await app.Cloud.RunTimer(Timer);

        Counts(run).Should().Equal(new Dictionary<string, int> { ["expired"] = 1 });
        run["logs"]!.AsArray().Select(line => (string?)line).Should().Equal("1 expired");
        var expired = await Read(customer);
        ((string?)expired["trial"]!["status"]).Should().Be("expired");
        ((string?)expired["subscription"]!["status"]).Should().Be("paused");
        ((string?)expired["status"]).Should().Be("active", "an expired customer still reads, exports and pays");
        expired["trial"]!["endedAt"]!.GetValue<DateTimeOffset>().Should().BeOnOrAfter(expired["trial"]!["endsAt"]!.GetValue<DateTimeOffset>());

        Counts(await app.Cloud.RunTimer(Timer)).Should().BeEmpty();
        (await new AuditTrail(app, (string)customer["id"]!).Actions()).Where(action => action.StartsWith("trial.", StringComparison.Ordinal)).Should().Equal("trial.ended", "trial.willEnd");
        JsonNode.DeepEquals(await Read(customer), expired).Should().BeTrue("nothing changes any more, not even the ETag");
    }

    [Fact]
    public async Task A_timer_that_comes_weeks_late_ends_what_is_over()
    {
        var customers = await Create(3);
        await app.Cloud.Advance(TrialLength + TimeSpan.FromDays(40));

        Counts(await app.Cloud.RunTimer(Timer)).Should().Equal(new Dictionary<string, int> { ["expired"] = 3 });

        foreach (var customer in customers) { ((string?)(await Read(customer))["trial"]!["status"]).Should().Be("expired"); }
    }

    [Fact]
    public async Task Two_instances_at_once_end_each_trial_once()
    {
        var customers = await Create(40);
        await app.Cloud.Advance(TrialLength);

        var runs = await Task.WhenAll(app.Cloud.RunTimer(Timer, 0), app.Cloud.RunTimer(Timer, 1), app.Cloud.RunTimer(Timer, 0), app.Cloud.RunTimer(Timer, 1));

        runs.Sum(run => Counts(run).GetValueOrDefault("expired")).Should().Be(customers.Count);
        runs.Should().OnlyContain(run => (bool)run["succeeded"]!, "a lost race is no failure");
        await ShouldAllBeExpired(customers);
    }

    [Fact]
    public async Task A_run_that_is_killed_in_the_middle_leaves_the_rest_to_the_next()
    {
        var customers = await Create(40);
        await app.Cloud.Advance(TrialLength);
        // Slow enough to be met in the middle.
        await app.Cloud.Fault(new { service = "cosmos", kind = "latency", operation = "^PUT /dbs/customers/colls/customers/docs/cus_", milliseconds = 200 });
        await app.Cloud.Fault(new { service = "cosmos", kind = "kill", operation = "^PUT /dbs/customers/colls/customers/docs/cus_", skip = 15, count = 1, when = "after", instance = 0 });

        ((bool)(await app.Cloud.RunTimer(Timer, 0))["succeeded"]!).Should().BeFalse("the process died");
        await app.Cloud.ClearFaults();
        var halfway = await Task.WhenAll(customers.Select(Read));
        halfway.Count(customer => (string?)customer["trial"]!["status"] == "expired").Should().BeInRange(16, 39);
        Counts(await app.Cloud.RunTimer(Timer, 1))["expired"].Should().BeInRange(1, 24);

        await ShouldAllBeExpired(customers);
        var ended = halfway.Where(customer => (string?)customer["trial"]!["status"] == "expired");
        foreach (var customer in ended) { JsonNode.DeepEquals(await Read(customer), customer).Should().BeTrue("it had ended before"); }
    }

    [Fact]
    public async Task More_trials_than_a_batch_holds_all_end_in_one_run()
    {
        var customers = await Create(250);
        await app.Cloud.Advance(TrialLength);

        Counts(await app.Cloud.RunTimer(Timer)).Should().Equal(new Dictionary<string, int> { ["expired"] = 250 });

        await ShouldAllBeExpired(customers);
    }

    [Fact]
    public async Task A_closed_customers_trial_is_left_alone()
    {
        var customer = await app.CreateCustomer();
        (await app.Admin.Delete($"/api/customers/{customer["id"]}", (string)customer["etag"]!)).ShouldBe(204);
        await app.Cloud.Advance(TrialLength);

        Counts(await app.Cloud.RunTimer(Timer)).Should().BeEmpty();
    }

    private async Task<IReadOnlyList<JsonObject>> Create(int count)
    {
        var customers = new JsonObject[count];
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, _) => customers[i] = await app.CreateCustomer(name: string.Create(CultureInfo.InvariantCulture, $"Trial {i}")));
        return customers;
    }

    private async Task<JsonObject> Read(JsonObject customer) => (await app.Admin.Get($"/api/customers/{customer["id"]}")).ShouldBe(200).Object;

    private async Task ShouldAllBeExpired(IReadOnlyList<JsonObject> customers) =>
        (await Task.WhenAll(customers.Select(Read))).Should().OnlyContain(customer => (string?)customer["trial"]!["status"] == "expired");

    private static Dictionary<string, int> Counts(JsonObject run) => run["returnValue"]!.AsObject().ToDictionary(count => count.Key, count => (int)count.Value!);
}
