using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace CustomerFunctions.Tests.ServiceAccounts;

/// <summary>Making a key of a Cosmos DB account anew takes "anywhere from one minute to multiple hours": it is begun once, waited for by whichever instance is there, and is no failure.</summary>
public sealed class SlowRenewalTests(TwoInstances fixture) : IClassFixture<TwoInstances>, IAsyncLifetime
{
    private const string Timer = "RotateServiceAccountKeys";
    private static readonly TimeSpan ThreeHours = TimeSpan.FromHours(3);
    private readonly App app = fixture.App;

    public Task InitializeAsync() => Take(TimeSpan.Zero);

    public Task DisposeAsync() => Take(TimeSpan.Zero);

    [Fact]
    public async Task A_key_that_takes_three_hours_is_asked_for_once_at_issue_and_once_at_retirement_although_an_instance_that_asked_is_killed()
    {
        var account = await RotatedAccount.Create(app, RotatedResource.CosmosAccountKeys);
        var (first, _) = await account.Current();
        await Take(ThreeHours);

        await app.Cloud.Advance(RotatedAccount.Interval);
        await WaitOut(account, "create", "settle", first);
        var (second, _) = await account.Current();
        second.Should().NotBe(first);
        (await account.Accepts(first)).Should().BeTrue("its overlap has only begun");

        await app.Cloud.Advance(RotatedAccount.Overlap);
        await WaitOut(account, "retire", "done", second);
        (await account.Accepts(first)).Should().BeFalse("its slot was made anew");
        await account.ShouldHaveOneCurrentKey();
        (await account.Keys()).Should().OnlyContain(key => key["renewal"] == null);
        await account.Forget();
    }

    [Fact]
    public async Task An_emergency_is_answered_at_once_and_the_timer_ends_it()
    {
        var account = await RotatedAccount.Create(app, RotatedResource.CosmosAccountKeys);
        var (stolen, _) = await account.Current();
        await Take(ThreeHours);

        var answer = (await app.Admin.Post(account.Path + "/rotate", new { mode = "emergency", reason = "A laptop was stolen" })).ShouldBe(202);

        ((string?)answer["status"], (int)answer["attempts"]!, (string?)answer["failure"]).Should().Be(("Running", 0, null));
        answer["nextAttemptAt"]!.GetValue<DateTimeOffset>().Should().BeAfter(await app.Cloud.Now() + TimeSpan.FromSeconds(45), "Resource Manager has asked for a minute");
        await PassUntil(account, "done");
        (await account.Accepts(stolen)).Should().BeFalse();
        (await account.KeyStates()).Should().Equal("current", "revoked");
        await account.ShouldHaveOneCurrentKey();
        await account.Forget();
    }

    [Fact]
    public async Task An_emergency_during_a_retirement_waits_for_the_resource_and_makes_a_key_of_its_own()
    {
        var account = await RotatedAccount.Create(app, RotatedResource.CosmosAccountKeys);
        await app.Cloud.Advance(RotatedAccount.Interval);
        await account.RunTimerUntil("settle");
        var (stolen, _) = await account.Current();
        await app.Cloud.Advance(RotatedAccount.Overlap);
        await Take(ThreeHours);
        await app.Cloud.RunTimer(Timer);
        (await account.Step()).Should().Be("retire");

        (await app.Admin.Post(account.Path + "/rotate", new { mode = "emergency", reason = "A laptop was stolen" })).ShouldBe(202);

        ((int)(await account.Document())["rotation"]!["attempts"]!).Should().Be(0);
        await PassUntil(account, "done");
        (await account.Accepts(stolen)).Should().BeFalse();
        await account.ShouldHaveOneCurrentKey();
        await account.Forget();
    }

    [Fact]
    public async Task A_deletion_has_each_key_made_anew_once_and_ends()
    {
        var account = await RotatedAccount.Create(app, RotatedResource.CosmosAccountKeys);
        var (first, _) = await account.Current();
        await app.Cloud.Advance(RotatedAccount.Interval);
        await account.RunTimerUntil("settle");
        var (second, _) = await account.Current();
        await Take(ThreeHours);
        await app.Cloud.ResetRequests();

        (await app.Admin.Delete(account.Path, "*")).ShouldBe(202);

        for (var hour = 0; hour < 8 && (await app.Admin.Get(account.Path)).Status == 200; hour++)
        {
            await app.Cloud.Advance(TimeSpan.FromHours(1));
            var run = await app.Cloud.RunTimer("SettleServiceAccounts");
            run.ToJsonString().Should().NotContain("failed");
        }
        (await app.Admin.Get(account.Path)).ShouldBeRefused(404, "not-found");
        (await Asked()).Should().Be(2);
        foreach (var key in new[] { first, second }) { (await account.Accepts(key)).Should().BeFalse(); }
    }

    [Fact]
    public async Task A_customer_is_removed_when_the_keys_of_its_accounts_have_been_made_anew()
    {
        var account = await RotatedAccount.Create(app, RotatedResource.CosmosAccountKeys);
        var (key, _) = await account.Current();
        (await app.Admin.Delete($"/api/customers/{account.CustomerId}", "*")).ShouldBe(204);
        await app.Cloud.Advance(TimeSpan.FromDays(31));
        await Take(ThreeHours);
        await app.Cloud.ResetRequests();

        (await app.Cloud.RunTimer("PurgeCustomers"))["returnValue"]!.ToJsonString().Should().Be("""{"waiting":1}""");
        (await app.Cloud.RunTimer("PurgeCustomers"))["returnValue"]!.ToJsonString().Should().Be("""{"waiting":1}""");
        await app.Cloud.Advance(ThreeHours);

        (await app.Cloud.RunTimer("PurgeCustomers"))["returnValue"]!.ToJsonString().Should().Be("""{"purged":1}""");
        (await Asked()).Should().Be(1);
        (await account.Accepts(key)).Should().BeFalse();
    }

    [Fact]
    public async Task An_operation_that_comes_to_nothing_is_a_failed_attempt_and_the_next_begins_another()
    {
        var account = await RotatedAccount.Create(app, RotatedResource.CosmosAccountKeys);
        await Take(ThreeHours, fails: true);
        await app.Cloud.ResetRequests();
        (await app.Admin.Post(account.Path + "/rotate")).ShouldBe(202);

        await app.Cloud.Advance(ThreeHours);
        await app.Cloud.RunTimer(Timer);

        var rotation = (await account.Document())["rotation"]!;
        ((string?)rotation["step"], (int)rotation["attempts"]!, (string?)rotation["lastFailure"]!["reason"]).Should().Be(("create", 1, "An operation of Azure Resource Manager failed."));
        await Take(TimeSpan.Zero);
        await PassUntil(account, "settle");
        (await Asked()).Should().Be(2);
        await account.ShouldHaveOneCurrentKey();
        await account.Forget();
    }

    [Fact]
    public async Task An_operation_that_takes_longer_than_a_day_is_a_failed_attempt()
    {
        var account = await RotatedAccount.Create(app, RotatedResource.CosmosAccountKeys);
        await Take(TimeSpan.FromDays(7));
        (await app.Admin.Post(account.Path + "/rotate")).ShouldBe(202);

        await app.Cloud.Advance(TimeSpan.FromHours(23));
        await app.Cloud.RunTimer(Timer);
        ((int)(await account.Document())["rotation"]!["attempts"]!).Should().Be(0);
        await app.Cloud.Advance(TimeSpan.FromHours(3));
        await app.Cloud.RunTimer(Timer);

        var rotation = (await account.Document())["rotation"]!;
        ((int)rotation["attempts"]!, (string?)rotation["lastFailure"]!["reason"]).Should().Be((1, "Azure Resource Manager has not made the key anew within a day."));
        (await account.Keys())[0].Should().NotContainKey("renewal");
        await account.Forget();
    }

    [Fact]
    public async Task An_instance_that_dies_before_it_can_write_the_operation_down_costs_a_wait_and_no_attempt()
    {
        var account = await RotatedAccount.Create(app, RotatedResource.CosmosAccountKeys);
        await app.Cloud.Advance(RotatedAccount.Interval);
        await Take(ThreeHours);
        await app.Cloud.Fault(new { service = "resourceManager", operation = "^GET .*operationsStatus", kind = "kill", instance = 0, count = 1, seconds = 300 });
        await app.Cloud.Outlive(0, () => app.Cloud.RunTimer(Timer, 0));

        await app.Cloud.Advance(TimeSpan.FromMinutes(3));
        await app.Cloud.RunTimer(Timer, 1);

        var document = await account.Document();
        ((string?)document["rotation"]!["step"], (int)document["rotation"]!["attempts"]!).Should().Be(("create", 0), "the resource is busy with what was asked for");
        document.Should().NotContainKey("leasedUntil");
        await PassUntil(account, "settle");
        await account.ShouldHaveOneCurrentKey();
        await account.Forget();
    }

    private async Task Take(TimeSpan time, bool fails = false) =>
        (await app.Cloud.Local.PutAsJsonAsync("/resource-manager", new { operationSeconds = time.TotalSeconds, operationsFail = fails })).EnsureSuccessStatusCode();

    /// <summary>Lets three hours pass at a step, on one instance and, when that has been killed, on the other; the current credential works all along.</summary>
    private async Task WaitOut(RotatedAccount account, string step, string next, string current)
    {
        await app.Cloud.ResetRequests();
        for (var passed = TimeSpan.Zero; passed < ThreeHours; passed += TimeSpan.FromMinutes(45))
        {
            (await app.Cloud.RunTimer(Timer, passed == TimeSpan.Zero ? 0 : 1)).ToJsonString().Should().NotContain("failed");
            if (passed == TimeSpan.Zero) { await app.Cloud.Outlive(0, async () => (await app.Cloud.OnInstance(0, "kill")).EnsureSuccessStatusCode()); }
            var document = await account.Document();
            ((string?)document["rotation"]!["step"], (int)document["rotation"]!["attempts"]!, document["rotation"]!["lastFailure"]).Should().Be((step, 0, (JsonNode?)null));
            document.Should().NotContainKey("leasedUntil");
            (await account.Current()).Value.Should().Be(current);
            (await account.Accepts(current)).Should().BeTrue();
            await app.Cloud.Advance(TimeSpan.FromMinutes(45));
        }
        await app.Cloud.RunTimer(Timer, 1);
        (await account.Step()).Should().Be(next);
        (await Asked()).Should().Be(1);
    }

    private async Task PassUntil(RotatedAccount account, string step)
    {
        for (var run = 0; run < 20 && await account.Step() != step; run++)
        {
            await app.Cloud.Advance(TimeSpan.FromMinutes(40));
            await app.Cloud.RunTimer(Timer);
            ((int?)(await account.Document())["rotation"]!["attempts"]).Should().BeLessThanOrEqualTo(1);
        }
        (await account.Step()).Should().Be(step);
    }

    /// <summary>How often a key was asked to be made anew.</summary>
    private async Task<int> Asked() =>
        (await app.Cloud.RequestsByOperation())["resourceManager"]?.AsObject().Where(operation => operation.Key.EndsWith("/regenerateKey", StringComparison.Ordinal)).Sum(operation => (int)operation.Value!) ?? 0;
}
