using System.Net.Http.Json;
using System.Text.Json.Nodes;
using CustomerFunctions.Stripe;
using CustomerFunctions.Tests.Audit;
using CustomerFunctions.Tests.Mishaps;
using CustomerFunctions.Tests.Notifications;
using CustomerFunctions.Tests.Webhooks;

namespace CustomerFunctions.Tests.Stripe;

/// <summary>What Stripe could not deliver is asked for.</summary>
[Collection(nameof(QuietPayments))]
public sealed class ReconcileStripeEventsTests(QuietApp quiet) : IAsyncLifetime
{
    private const string Timer = "ReconcileStripeEvents";
    private const string Secret = "stripe-api-key";
    private readonly App app = quiet.App;

    public async Task InitializeAsync() => (await app.Cloud.Local.DeleteAsync("/stripe/events")).EnsureSuccessStatusCode();

    public Task DisposeAsync() => app.Cloud.ClearFaults();

    [Fact]
    public async Task What_was_never_delivered_arrives_and_what_was_is_not_taken_twice()
    {
        var (customer, world, now) = await NewWorld();
        JsonObject[] story = [world.Checkout(now.AddSeconds(-3)), world.PaymentMethod(now.AddSeconds(-2)), world.Subscription("created", now.AddSeconds(-1), "active")];
        (await world.Deliver(story[1])).ShouldBe(200);
        await Happened([.. story, StripeWorld.Event("customer.updated", now, new JsonObject { ["id"] = world.StripeId, ["email"] = "ada@example.com" })]);

        (await Run()).Should().Equal(new Dictionary<string, int> { ["applied"] = 2, ["repeated"] = 1 });
        (await Run()).Should().Equal(new Dictionary<string, int> { ["repeated"] = 3 });
        foreach (var said in story) { ((string)(await world.Deliver(said)).ShouldBe(200)["outcome"]!).Should().Be("repeated", "what was asked for need not be delivered any more"); }

        (await Standing(customer)).Should().Be("professional active active");
        (await NotificationsTests.List(app, customer)).Select(item => (string)item["type"]!).Should().Equal("subscription.changed");
        (await new AuditTrail(app, customer).Actions()).Where(action => action.StartsWith("subscription.", StringComparison.Ordinal)).Should().OnlyHaveUniqueItems();
        (await app.Data.All("control", $"SELECT * FROM c WHERE c.objectId = '{world.StripeId}'")).Should().BeEmpty("what means nothing here is not even asked for");
    }

    [Fact]
    public async Task A_missed_failure_suspends_in_time_and_the_missed_payment_restores()
    {
        var (customer, world, now) = await NewWorld();
        var invoice = StripeWorld.Id("in");
        foreach (var said in new[] { world.Checkout(now.AddMinutes(-2)), world.Subscription("created", now.AddMinutes(-2), "active") }) { (await world.Deliver(said)).ShouldBe(200); }
        await Happened(world.Invoice("payment_failed", now.AddMinutes(-1), invoice), world.Subscription("updated", now.AddMinutes(-1), "past_due", startedAt: now.AddMinutes(-2)));
        await Run();
        (await Standing(customer)).Should().Be("professional past_due active");

        var grace = (DateTimeOffset)(await app.Admin.Get($"/api/customers/{customer}/subscription")).ShouldBe(200)["graceEndsAt"]!;
        await app.Cloud.Advance(grace - await app.Cloud.Now() + TimeSpan.FromSeconds(1));
        await app.Cloud.RunTimer("SettleSubscriptions");
        (await Standing(customer)).Should().Be("professional past_due suspended");

        now = await app.Cloud.Now();
        await Happened(world.Invoice("paid", now, invoice), world.Subscription("updated", now, "active", startedAt: now.AddMonths(-1)));
        await Run();
        (await Standing(customer)).Should().Be("professional active active");
    }

    [Fact]
    public async Task However_much_of_a_story_was_delivered_it_ends_the_same()
    {
        var (start, random, outcomes) = ((await app.Cloud.Now()).AddSeconds(-30), new Random(12), new HashSet<string>());
        var customers = new List<string>();
        for (var i = 0; i < 6; i++)
        {
            var (customer, world, _) = await NewWorld();
            var (invoice, end) = (StripeWorld.Id("in"), start.AddMonths(1));
            JsonObject[] story =
            [
                world.Subscription("created", start, "incomplete", periodEnd: end, startedAt: start), world.PaymentMethod(start.AddSeconds(1)), world.Subscription("updated", start.AddSeconds(3), "active", periodEnd: end, startedAt: start),
                world.Checkout(start.AddSeconds(4)), world.Invoice("payment_failed", start.AddSeconds(10), invoice), world.Subscription("updated", start.AddSeconds(10), "past_due", periodEnd: end, startedAt: start),
                world.Invoice("paid", start.AddSeconds(20), invoice), world.Subscription("updated", start.AddSeconds(20), "active", "enterprise", end, startedAt: start),
            ];
            foreach (var said in story.Where(_ => random.Next(2) == 0).OrderBy(_ => random.Next()).ToList()) { (await world.Deliver(said)).ShouldBe(200); }
            await Happened(story);
            customers.Add(customer);
        }

        (await Run()).Should().NotContainKey("failed");

        foreach (var customer in customers)
        {
            var read = (await app.Admin.Get($"/api/customers/{customer}")).ShouldBe(200).Object;
            var subscription = read["subscription"]!.DeepClone().AsObject();
            subscription.Remove("stripeCustomerId");
            outcomes.Add($"{read["plan"]} {read["status"]} {subscription.ToJsonString()}");
        }
        outcomes.Should().ContainSingle().Which.Should().StartWith("enterprise active").And.Contain("\"status\":\"active\"");
    }

    [Fact]
    public async Task What_it_costs_follows_what_has_happened_since_the_last_time()
    {
        await Happened(await Many(250));
        await app.Cloud.ResetRequests();
        (await Run()).Should().Equal(new Dictionary<string, int> { ["applied"] = 250 });
        (await Asked()).Should().Be(3);

        await app.Cloud.Advance(StripePosition.Overlap + TimeSpan.FromMinutes(1));
        (await Run()).Should().Equal(new Dictionary<string, int> { ["repeated"] = 250 }, "the position is that of the beginning of the run before");
        await app.Cloud.ResetRequests();
        (await Run()).Should().BeEmpty();
        (await Asked()).Should().Be(1);
        (await app.Cloud.RequestsByOperation())["cosmos"]!.AsObject().Sum(operation => (int)operation.Value!).Should().BeLessThanOrEqualTo(3, "the position is read and written");
    }

    [Fact]
    public async Task What_appears_in_the_list_somewhat_late_is_taken_too()
    {
        var late = await Many(1);
        await Run();
        await app.Cloud.Advance(TimeSpan.FromMinutes(50));
        await Run();
        await Happened(late);
        (await Run()).Should().Equal(new Dictionary<string, int> { ["applied"] = 1 });
    }

    [Fact]
    public async Task Two_runs_at_once_come_to_what_one_comes_to()
    {
        var (customer, world, now) = await NewWorld();
        await Happened([world.Checkout(now.AddSeconds(-9)), world.PaymentMethod(now.AddSeconds(-8)), world.Subscription("created", now.AddSeconds(-7), "active"), .. await Many(110)]);
        await Task.WhenAll(app.Cloud.RunTimer(Timer, 0), app.Cloud.RunTimer(Timer, 1));

        (await Run()).Should().Equal(new Dictionary<string, int> { ["repeated"] = 113 });
        (await Standing(customer)).Should().Be("professional active active");
        (await NotificationsTests.List(app, customer)).Select(item => (string)item["type"]!).Should().Equal("subscription.changed");
    }

    [Theory]
    [InlineData("stripe", "throttle")]
    [InlineData("stripe", "unavailable")]
    [InlineData("stripe", "reset")]
    [InlineData("cosmos", "kill")]
    public async Task A_run_that_is_cut_off_on_the_second_page_is_gone_on_with(string service, string kind)
    {
        var events = await Many(130);
        await Happened(events);
        await app.Cloud.ResetRequests();
        await app.Cloud.Fault(service == "stripe"
            ? new { service, kind, operation = "^GET /stripe/v1/events", skip = 1, seconds = 300, retryAfterMilliseconds = 0 }
            : new { service, kind, operation = "^POST /dbs/customers/colls/control/docs", skip = 110, count = 1, when = "after", instance = 0, seconds = 300 });

        (await app.Cloud.RunTimer(Timer, 0))["failure"].Should().NotBeNull();
        (await Asked()).Should().Be(service == "stripe" ? 4 : 2, "a page that is not answered is asked for three times");
        await app.Cloud.ClearFaults();
        await app.Cloud.ResetRequests();
        await MoneyWorld.Insist(async () => ((string?)(await app.Cloud.RunTimer(Timer, 0))["failure"]).Should().BeNull());

        (await Asked()).Should().Be(1 + 2, "it goes on behind the first page, and then takes what was said since");
        await ShouldBeTaken(events);
    }

    [Fact]
    public async Task One_page_that_is_not_answered_at_once_is_asked_for_again()
    {
        await Happened(await Many(1));
        await app.Cloud.Fault(new { service = "stripe", kind = "throttle", count = 1, seconds = 300, retryAfterMilliseconds = 1 });
        (await Run()).Should().Equal(new Dictionary<string, int> { ["applied"] = 1 });
    }

    [Fact]
    public async Task An_event_that_cannot_be_taken_holds_up_no_other_and_is_asked_for_until_it_can()
    {
        await Run();
        var before = await Position();
        var events = await Many(3);
        await Happened(events);
        await app.Cloud.Fault(new { service = "cosmos", kind = "unavailable", operation = $"docs/stripe-event.*{events[1]["id"]}", seconds = 300, retryAfterMilliseconds = 1 });

        (await app.Cloud.RunTimer(Timer))["failure"].Should().NotBeNull();
        (await Position()).Should().Be(before);
        await ShouldBeTaken(events[0], events[2]);
        await app.Cloud.ClearFaults();
        (await Run()).Should().Equal(new Dictionary<string, int> { ["applied"] = 1, ["repeated"] = 2 });
        (await Position()).Should().NotBe(before);
    }

    [Fact]
    public async Task An_event_of_an_unknown_form_is_passed_over_and_said()
    {
        var events = await Many(2);
        events[0]["data"]!["object"]!["customer"] = new JsonObject { ["id"] = "cus_expanded" };
        await Happened(events);

        (await Run()).Should().Equal(new Dictionary<string, int> { ["applied"] = 1, ["unreadable"] = 1 });
        await app.Cloud.ShouldBeLogged($"[1604] Event {events[0]["id"]} of Stripe's has no known form");
    }

    [Fact]
    public async Task A_run_ends_after_ten_thousand_events_and_the_next_goes_on()
    {
        await Run();
        await app.Cloud.Advance(3 * StripePosition.Overlap);
        var at = await app.Cloud.Now() - 1.5 * StripePosition.Overlap;
        // What cannot be read costs no more than to be listed.
        await Happened([.. Enumerable.Range(0, StripeReconciliation.MostEvents + 50).Select(_ => StripeWorld.Event("invoice.paid", at, new JsonObject { ["customer"] = new JsonObject() }))]);

        (await Run()).Should().Equal(new Dictionary<string, int> { ["unfinished"] = 1, ["unreadable"] = StripeReconciliation.MostEvents });
        (await Run()).Should().Equal(new Dictionary<string, int> { ["unreadable"] = 50 });
    }

    [Fact]
    public async Task After_a_month_of_standstill_it_says_what_is_lost_and_goes_on()
    {
        await Run();
        var lost = await Many(1);
        await Happened(lost);
        await app.Cloud.Advance(TimeSpan.FromDays(31));
        await Happened(await Many(1));

        (await Run()).Should().Equal(new Dictionary<string, int> { ["applied"] = 1, ["outOfReach"] = 1 });
        (await Run()).Should().Equal(new Dictionary<string, int> { ["repeated"] = 1 });
        (await app.Data.All("control", $"SELECT * FROM c WHERE c.id = 'stripe-event:{lost[0]["id"]}'")).Should().BeEmpty();
        await app.Cloud.ShouldBeLogged("[1603] Stripe was last asked for its events at ");
    }

    [Fact]
    public async Task A_place_in_the_list_that_Stripe_has_forgotten_is_given_up_for_the_beginning()
    {
        await Happened(await Many(130));
        await app.Cloud.Fault(new { service = "stripe", kind = "forbidden", skip = 1, seconds = 300 });
        (await app.Cloud.RunTimer(Timer))["failure"].Should().NotBeNull();
        await app.Cloud.ClearFaults();
        await InitializeAsync();
        var events = await Many(2);
        await Happened(events);

        (await Run()).Should().Equal(new Dictionary<string, int> { ["applied"] = 2 });
    }

    [Fact]
    public async Task A_key_that_Stripe_refuses_fails_the_run_in_one_line_and_without_one_nothing_is_asked()
    {
        var (right, events) = (await app.CurrentSecret(Secret), await Many(1));
        await Happened(events);
        try
        {
            foreach (var (key, line) in new[] { (right[..^8] + "00000000", "[1601] Stripe refuses the key in stripe-api-key with 401"), ("sk_test_" + right[8..], "[1606] The secret stripe-api-key is no restricted key") })
            {
                await PutKey(key);
                (await app.Cloud.RunTimer(Timer))["failure"].Should().NotBeNull();
                await app.Cloud.ShouldBeLogged(line);
            }
            await PutKey(right);
            await app.Cloud.Fault(new { service = "stripe", kind = "forbidden", count = 1, seconds = 300 });
            (await app.Cloud.RunTimer(Timer))["failure"].Should().NotBeNull();
            await app.Cloud.ShouldBeLogged("[1601] Stripe refuses the key in stripe-api-key with 403");

            await Vault(HttpMethod.Delete, $"/secrets/{Secret}");
            await app.Cloud.ResetRequests();
            (await Run()).Should().Equal(new Dictionary<string, int> { ["noKey"] = 1 });
            (await Asked()).Should().Be(0);
            await Vault(HttpMethod.Post, $"/deletedsecrets/{Secret}/recover");
            await PutKey(right + "\n");
            (await Run()).Should().Equal(new Dictionary<string, int> { ["applied"] = 1 }, "a line's end does not belong to a key");
        }
        finally
        {
            await PutKey(right);
        }
    }

    [Fact]
    public void Every_type_that_is_asked_for_is_known_and_Stripe_takes_no_more_than_twenty() =>
        StripeFact.Types.Should().OnlyHaveUniqueItems().And.OnlyContain(type => StripeFact.IsKnown(type)).And.HaveCountLessThanOrEqualTo(20);

    private async Task<(string Customer, StripeWorld World, DateTimeOffset Now)> NewWorld()
    {
        var customer = (string)(await app.CreateCustomer())["id"]!;
        return (customer, await StripeWorld.Start(app, customer), await app.Cloud.Now());
    }

    /// <summary>Events of ten customers of Stripe's that nobody knows here.</summary>
    private async Task<JsonObject[]> Many(int count)
    {
        var now = await app.Cloud.Now();
        var worlds = Enumerable.Range(0, Math.Min(count, 10)).Select(_ => new StripeWorld(app, "cus_x")).ToList();
        return [.. Enumerable.Range(0, count).Select(i => worlds[i % worlds.Count].PaymentMethod(now.AddSeconds(-i / 10)))];
    }

    private async Task Happened(params JsonObject[] events) => (await app.Cloud.Local.PutAsJsonAsync("/stripe/events", events)).EnsureSuccessStatusCode();

    private async Task<Dictionary<string, int>> Run()
    {
        var run = await app.Cloud.RunTimer(Timer);
        ((string?)run["failure"]).Should().BeNull("the app said {0}", app.Cloud.Errors());
        return run["returnValue"]!.AsObject().ToDictionary(count => count.Key, count => (int)count.Value!);
    }

    private async Task<int> Asked() => (int?)(await app.Cloud.Requests())["stripe"] ?? 0;

    private async Task<string> Standing(string customer)
    {
        var read = (await app.Admin.Get($"/api/customers/{customer}")).ShouldBe(200);
        return $"{read["plan"]} {read["subscription"]!["status"]} {read["status"]}";
    }

    private async Task<string> Position() => (string)(await app.ReadDocument("control", StripePosition.TheId, StripePosition.TheId))["takenUntil"]!;

    private async Task ShouldBeTaken(params JsonObject[] events)
    {
        var taken = (await app.Data.All("control", "SELECT c.id FROM c WHERE c.type = 'stripeReceipt'")).Select(receipt => (string)receipt["id"]!).ToHashSet();
        events.Select(said => "stripe-event:" + said["id"]).Should().BeSubsetOf(taken);
    }

    /// <summary>A line takes a moment from the app to the file.</summary>
    private Task PutKey(string key) => Vault(HttpMethod.Put, $"/secrets/{Secret}", new { value = key });

    private async Task Vault(HttpMethod method, string path, object? body = null)
    {
        using var request = app.ToVault(method, path, body);
        (await app.Azure.SendAsync(request)).EnsureSuccessStatusCode();
    }
}
