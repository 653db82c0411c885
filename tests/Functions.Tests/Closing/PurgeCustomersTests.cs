using System.Text.Json.Nodes;
using CustomerFunctions.Shared;
using CustomerFunctions.Tests.Stripe;
using CustomerFunctions.Tests.Usage;

namespace CustomerFunctions.Tests.Closing;

/// <summary>The timer that removes closed customers for good.</summary>
public sealed class PurgeCustomersTests : IAsyncLifetime
{
    private const string Timer = "PurgeCustomers";
    private static readonly TimeSpan Window = TimeSpan.FromDays(30);
    private App app = null!;

    public async Task InitializeAsync() => app = await App.StartWithoutSchedules("--instances", "2");

    public async Task DisposeAsync() => await app.DisposeAsync();

    [Fact]
    public async Task Nothing_is_left_of_a_purged_customer_but_the_name_of_its_secret_and_others_are_untouched()
    {
        var before = await app.Data.Count();
        var email = App.NewEmail();
        var (id, secrets) = await Tenant(email);
        var (other, _) = await Tenant(App.NewEmail());
        var others = await Owned(other);
        (await app.Admin.Delete($"/api/customers/{id}", "*")).ShouldBe(204);
        await app.Cloud.Advance(Window - TimeSpan.FromMinutes(2));
        Counts(await app.Cloud.RunTimer(Timer)).Should().BeEmpty("it can still be brought back");

        await app.Cloud.Advance(TimeSpan.FromMinutes(2));
        Counts(await app.Cloud.RunTimer(Timer)).Should().Equal(new Dictionary<string, int> { ["purged"] = 1 });

        (await Owned(id)).Should().BeEmpty();
        foreach (var secret in secrets) { (await StatusOf(secret)).Should().Be(404); }
        var claims = await app.Data.All("directory");
        claims.Where(claim => (string?)claim["customerId"] == id).Select(claim => (string)claim["id"]!).Should().BeEquivalentTo(secrets.Select(secret => "secret:" + secret));
        (await app.Data.Orphans()).Should().BeEmpty();
        (await Owned(other)).Select(document => document.ToJsonString()).Should().Equal(others.Select(document => document.ToJsonString()));
        (await app.Admin.Post($"/api/customers/{id}/reopen")).ShouldBeRefused(404, "not-found");
        (await app.Admin.Get("/api/customers?status=closed")).ShouldBe(200)["value"]!.AsArray().Should().BeEmpty();
        Counts(await app.Cloud.RunTimer(Timer)).Should().BeEmpty();
        before.Should().NotBeEmpty();
    }

    [Fact]
    public async Task What_Stripe_has_said_goes_too_and_what_it_says_later_is_not_kept()
    {
        var (id, _) = await Tenant(App.NewEmail());
        var stripe = await StripeWorld.Start(app, id);
        var now = await app.Cloud.Now();
        foreach (var said in new[] { stripe.Checkout(now), stripe.Subscription("created", now, "active", "basic") }) { (await stripe.Deliver(said)).ShouldBe(200); }
        (await Said(stripe)).Should().ContainSingle();
        (await app.Admin.Delete($"/api/customers/{id}", "*")).ShouldBe(204);
        await app.Cloud.Advance(Window);
        Counts(await app.Cloud.RunTimer(Timer))["purged"].Should().Be(1);
        (await Said(stripe)).Should().BeEmpty();

        (await stripe.Deliver(stripe.Checkout(await app.Cloud.Now()))).ShouldBe(200);
        (await Said(stripe)).Should().BeEmpty();
    }

    [Fact]
    public async Task Usage_that_was_written_while_it_was_purged_is_removed_when_it_would_be_counted()
    {
        var (id, _) = await Tenant(App.NewEmail());
        var usage = new Consumption(app, id);
        (await usage.Record(Consumption.Report("kept"))).ShouldBe(200);
        var (month, report) = ((await Owned(id)).Single(document => (string?)document["type"] == "usageMonth"), (await Owned(id)).Single(document => (string?)document["type"] == "usageEvent"));
        (await app.Admin.Delete($"/api/customers/{id}", "*")).ShouldBe(204);
        await app.Cloud.Advance(Window);
        await app.Cloud.RunTimer(Timer);
        // As a request leaves them that was under way: the report unseen, the month with nothing left to count.
        (report["uncountedSince"], report["ttl"]) = (InstantConverter.Text(await app.Cloud.Now()), -1);
        await app.Data.Add("customers", id, report);

        await app.Cloud.Advance(TimeSpan.FromMinutes(1));
        (await app.Cloud.RunTimer("CountUsage"))["succeeded"]!.GetValue<bool>().Should().BeTrue();
        (await Owned(id)).Should().BeEmpty();
        await app.Data.Add("customers", id, month);
        await app.Cloud.Advance(TimeSpan.FromDays(31));
        (await app.Cloud.RunTimer("RollUsageMonths"))["returnValue"]!["removed"]!.GetValue<int>().Should().Be(1);
        (await Owned(id)).Should().BeEmpty();
    }

    [Fact]
    public async Task Its_email_and_slug_are_free_again_and_a_namesakes_secret_gets_a_name_of_its_own()
    {
        var email = App.NewEmail();
        var (id, secrets) = await Tenant(email, slug: "ada-labs");
        (await app.Admin.Delete($"/api/customers/{id}", "*")).ShouldBe(204);
        await app.Cloud.Advance(Window);
        await app.Cloud.RunTimer(Timer);

        var heir = (await app.Admin.Post("/api/customers", new { name = "Heir", email, slug = "ada-labs" })).ShouldBe(201);
        var account = await app.CreateServiceAccount((string)heir["id"]!);

        ((string)account["secretName"]!).Should().StartWith(secrets[0] + "-", "Key Vault keeps the deleted secret");
        ((string?)account["state"]).Should().Be("active");
    }

    [Theory]
    [InlineData("cosmos", "^(DELETE|PUT) ", 6)]
    [InlineData("keyVault", "^DELETE ", 2)]
    public async Task A_run_that_dies_at_any_step_is_finished_by_the_next(string service, string operation, int calls)
    {
        for (var skip = 0; skip < calls; skip++)
        {
            var (id, secrets) = await Tenant(App.NewEmail());
            (await app.Admin.Delete($"/api/customers/{id}", "*")).ShouldBe(204);
            await app.Cloud.Advance(Window);
            var (dying, next) = (skip % 2, (skip + 1) % 2);
            var process = (int)(await app.Cloud.Instances())[dying]!["pid"]!;
            await app.Cloud.Fault(new { service, operation, skip, count = 1, seconds = 300, kind = "kill", when = "after", instance = dying });
            await app.Cloud.RunTimer(Timer, dying);
            (await app.Cloud.Faults()).Should().BeEmpty("the process was killed at call {0}", skip + 1);

            // The claim of a run that died at a service account has to end first.
            await app.Cloud.Advance(TimeSpan.FromMinutes(2));
            await app.Cloud.RunTimer(Timer, next);

            (await Owned(id)).Should().BeEmpty();
            foreach (var secret in secrets) { (await StatusOf(secret)).Should().Be(404); }
            (await app.Data.All("directory")).Where(claim => (string?)claim["customerId"] == id).Should().OnlyContain(claim => ((string)claim["id"]!).StartsWith("secret:", StringComparison.Ordinal));
            await Eventually.True(async () => (await app.Cloud.Instances())[dying]! is var instance && (int?)instance["pid"] != process && (string?)instance["state"] == "running", TimeSpan.FromSeconds(60), "the killed instance is back");
        }
    }

    [Fact]
    public async Task Two_instances_at_once_purge_each_customer()
    {
        var ids = new List<string>();
        for (var i = 0; i < 6; i++) { ids.Add((await Tenant(App.NewEmail())).Id); }
        foreach (var id in ids) { (await app.Admin.Delete($"/api/customers/{id}", "*")).ShouldBe(204); }
        await app.Cloud.Advance(Window);

        var runs = await Task.WhenAll(app.Cloud.RunTimer(Timer, 0), app.Cloud.RunTimer(Timer, 1));

        runs.Should().OnlyContain(run => (bool)run["succeeded"]!, "a lost race is no failure");
        await app.Cloud.RunTimer(Timer);
        foreach (var id in ids) { (await Owned(id)).Should().BeEmpty(); }
    }

    /// <summary>A customer with keys and service accounts, and the names of their secrets.</summary>
    private async Task<(string Id, IReadOnlyList<string> Secrets)> Tenant(string email, string? slug = null)
    {
        var id = (string)(await app.Admin.Post("/api/customers", new { name = "Ada", email, slug })).ShouldBe(201)["id"]!;
        await app.CreateApiKey(id);
        var account = await app.CreateServiceAccount(id);
        var storage = await app.CreateStorageServiceAccount(id, await app.CreateStorageAccount());
        return (id, [(string)account["secretName"]!, (string)storage["secretName"]!]);
    }

    private async Task<IReadOnlyList<JsonObject>> Owned(string id) => [.. (await app.Data.All("customers")).Where(document => (string?)document["customerId"] == id)];

    private async Task<IReadOnlyList<JsonObject>> Said(StripeWorld stripe) => [.. (await app.Data.All("control")).Where(document => (string?)document["id"] == "stripe:" + stripe.StripeId)];

    private async Task<int> StatusOf(string secret)
    {
        using var request = app.ToVault(HttpMethod.Get, $"/secrets/{secret}/");
        using var answer = await app.Azure.SendAsync(request);
        return (int)answer.StatusCode;
    }

    private static Dictionary<string, int> Counts(JsonObject run) => run["returnValue"]!.AsObject().ToDictionary(count => count.Key, count => (int)count.Value!);
}
