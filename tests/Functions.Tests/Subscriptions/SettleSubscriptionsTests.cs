using System.Text.Json.Nodes;
using CustomerFunctions.Tests.Audit;
using CustomerFunctions.Tests.Mishaps;
using CustomerFunctions.Tests.Notifications;
using CustomerFunctions.Tests.Stripe;
using CustomerFunctions.Tests.Usage;
using CustomerFunctions.Tests.Webhooks;

namespace CustomerFunctions.Tests.Subscriptions;

/// <summary>Subscriptions and what becomes of them as time passes, through the routes and the timer.</summary>
[Collection(nameof(QuietPayments))]
public sealed class SettleSubscriptionsTests(QuietApp quiet)
{
    private const string Timer = "SettleSubscriptions";
    private readonly App app = quiet.App;

    [Fact]
    public async Task A_customer_subscribes_plans_a_smaller_plan_takes_it_back_and_cancels()
    {
        var path = $"/api/customers/{await NewCustomer()}/subscription";
        ((string)(await app.Admin.Get(path)).ShouldBe(200)["status"]!).Should().Be("trialing");
        (await app.Admin.Post($"{path}/cancel")).ShouldBeRefused(409, "no-subscription");
        var subscribed = (await app.Admin.Post($"{path}/change", new { planId = "professional", start = "now" })).ShouldBe(200);
        ((string)subscribed["status"]!, (bool)subscribed["autoRenew"]!).Should().Be(("active", true));

        ((string)(await app.Admin.Post($"{path}/change", new { planId = "basic", start = "renewal" })).ShouldBe(200)["nextPlanId"]!).Should().Be("basic");
        (await app.Admin.Post($"{path}/resume")).ShouldBe(200).Object.ContainsKey("nextPlanId").Should().BeFalse();
        ((bool)(await app.Admin.Post($"{path}/cancel")).ShouldBe(200)["autoRenew"]!).Should().BeFalse();
        await app.Cloud.Advance(TimeSpan.FromDays(32));
        await app.Cloud.RunTimer(Timer);

        var ended = (await app.Admin.Get(path)).ShouldBe(200);
        ((string)ended["status"]!, (string)ended["planId"]!).Should().Be(("canceled", "free"));
    }

    [Fact]
    public async Task What_another_plan_would_change_is_what_it_then_changes()
    {
        var customer = await NewCustomer();
        var path = $"/api/customers/{customer}/subscription/change";
        await app.Admin.Post(path, new { planId = "enterprise", start = "now" });

        var effects = (await app.Admin.Post($"{path}?whatIf=true", new { planId = "basic", start = "now" })).ShouldBe(200)["effects"]!.AsArray();

        effects.Select(effect => $"{effect!["action"]} {effect["target"]}").Should().Contain(["planChanges basic", "featureLost webhooks", $"requestLimitLowered {customer}", $"auditLogShortened {customer}"]);
        ((string)(await app.Admin.Get($"/api/customers/{customer}")).ShouldBe(200)["plan"]!).Should().Be("enterprise", "it was only asked");
        (await app.Admin.Post(path, new { planId = "basic", start = "now" })).ShouldBe(200);
        var off = (await app.Admin.Get($"/api/customers/{customer}/feature-flags")).ShouldBe(200)["value"]!.AsArray().Where(flag => !(bool)flag!["enabled"]!).Select(flag => (string)flag!["name"]!);
        off.Should().BeEquivalentTo(effects.Where(effect => (string)effect!["action"]! == "featureLost").Select(effect => (string)effect!["target"]!));
        (await app.Admin.Post(path, new { planId = "trial", start = "now" })).ShouldBeRefused(400, "invalid-request", "/planId");
        (await app.Admin.Post(path, new { planId = "gold" })).ShouldBeRefused(400, "invalid-request", "/start");
    }

    [Fact]
    public async Task A_smaller_plan_says_what_there_is_more_of_than_it_allows_and_takes_nothing_away()
    {
        var customer = await NewCustomer();
        var path = $"/api/customers/{customer}/subscription/change";
        (await app.Admin.Post(path, new { planId = "enterprise", start = "now" })).ShouldBe(200).Object.ContainsKey("over").Should().BeFalse("nothing is over");
        (await new Consumption(app, customer).Record(Consumption.Report("a", quantity: 130), Consumption.Report("b", "dataGenerated", 5_000))).ShouldBe(200);
        for (var i = 0; i < 2; i++) { (await app.Admin.Post($"/api/customers/{customer}/webhooks", new { url = "https://example.com" })).ShouldBe(201); }
        string[] expected = ["featureLost webhooks 2 0", "quotaLowered fix 130 100"];

        var asked = (await app.Admin.Post($"{path}?whatIf=true", new { planId = "basic", start = "renewal" })).ShouldBe(200)["effects"]!.AsArray().Where(effect => (long?)effect!["used"] > (long?)effect["limit"]);
        var changed = (await app.Admin.Post(path, new { planId = "basic", start = "now" })).ShouldBe(200)["over"]!.AsArray();

        asked.Select(Line).Should().Equal(expected);
        changed.Select(Line).Should().Equal(expected);
        (await app.Admin.Get($"/api/customers/{customer}/webhooks")).ShouldBe(200)["value"]!.AsArray().Should().HaveCount(2);

        static string Line(JsonNode? effect) => $"{effect!["action"]} {effect["target"]} {effect["used"]} {effect["limit"]}";
    }

    [Fact]
    public async Task A_change_is_told_as_what_it_was()
    {
        var customer = await NewCustomer();
        var path = $"/api/customers/{customer}/subscription/change";
        foreach (var plan in new[] { "professional", "basic", "professional" }) { (await app.Admin.Post(path, new { planId = plan, start = "renewal" })).ShouldBe(200); }

        (await NotificationsTests.List(app, customer)).Select(item => (string)item["type"]!).Should().Equal(
            ["subscription.resumed", "subscription.changeScheduled", "subscription.changed"], "there was no period yet, then one, and then all was to stay as it was");
    }

    [Fact]
    public async Task Whoever_serves_himself_has_to_be_able_to_pay()
    {
        var customer = await NewCustomer();
        var owner = await Person.SignedUp(app);
        (await app.Admin.Put($"/api/customers/{customer}/members/{await owner.Id()}", new { role = "owner" })).ShouldBe(201);
        foreach (var query in new[] { "", "?whatIf=true" }) { (await owner.Api.Post($"/api/customers/{customer}/subscription/change{query}", new { planId = "basic", start = "now" })).ShouldBeRefused(409, "payment-method-required"); }
        var world = await StripeWorld.Start(app, customer);
        (await world.Deliver(world.PaymentMethod(await app.Cloud.Now()))).ShouldBe(200);
        (await world.Deliver(world.Checkout(await app.Cloud.Now()))).ShouldBe(200);

        (await owner.Api.Post($"/api/customers/{customer}/subscription/change", new { planId = "basic", start = "now" })).ShouldBe(200);
    }

    [Fact]
    public async Task Who_does_not_pay_is_warned_then_suspended_and_back_with_the_payment_each_told_once()
    {
        var customer = await NewCustomer();
        var key = await app.CreateApiKey(customer);
        var world = await StripeWorld.Start(app, customer);
        var now = await app.Cloud.Now();
        var (invoice, end) = (StripeWorld.Id("in"), now.AddMonths(1));
        JsonObject[] events = [world.Checkout(now), world.Subscription("created", now, "active", periodEnd: end), world.Invoice("payment_failed", now.AddSeconds(1), invoice), world.Subscription("updated", now.AddSeconds(1), "past_due", periodEnd: end, startedAt: now)];
        foreach (var received in events) { (await world.Deliver(received)).ShouldBe(200); }
        (await app.Caller(key).Get($"/api/customers/{customer}")).ShouldBe(200);
        var grace = DateTimeOffset.Parse((string)(await app.Admin.Get($"/api/customers/{customer}/subscription")).ShouldBe(200)["graceEndsAt"]!, System.Globalization.CultureInfo.InvariantCulture);

        await app.Cloud.Advance(grace - await app.Cloud.Now() + TimeSpan.FromSeconds(1));
        await Task.WhenAll(app.Cloud.RunTimer(Timer, 0), app.Cloud.RunTimer(Timer, 1));
        await app.Cloud.RunTimer(Timer);
        (await app.Caller(key).Get($"/api/customers/{customer}")).ShouldBeRefused(403, "customer-suspended");

        (await world.Deliver(world.Invoice("paid", await app.Cloud.Now(), invoice))).ShouldBe(200);
        (await app.Caller(key).Get($"/api/customers/{customer}")).ShouldBe(200);
        // What a slow log has left over comes with the timer.
        await app.Cloud.Advance(TimeSpan.FromMinutes(2));
        await app.Cloud.RunTimer("WriteAuditEvents");
        string[] steps = ["subscription.paid", "subscription.suspended", "subscription.pastDue", "subscription.changed"];
        (await NotificationsTests.List(app, customer)).Select(item => (string)item["type"]!).Should().Equal(steps);
        (await new AuditTrail(app, customer).Actions()).Where(action => action.StartsWith("subscription.", StringComparison.Ordinal)).Should().Equal([.. steps, "subscription.paymentMethodChanged"], "that it has a customer at Stripe is recorded and need not be told");
    }

    [Fact]
    public async Task Who_is_suspended_over_an_ended_subscription_and_takes_another_plan_is_back_with_the_payment()
    {
        var (customer, world, invoice) = await new MoneyWorld(app).PastGrace();
        await app.Cloud.RunTimer(Timer);
        (await world.Deliver(world.Subscription("deleted", (await app.Cloud.Now()).AddSeconds(2), "canceled"))).ShouldBe(200);
        (await app.Admin.Post($"/api/customers/{customer}/subscription/change", new { planId = "basic", start = "now" })).ShouldBe(200);
        ((string)(await app.Admin.Get($"/api/customers/{customer}")).ShouldBe(200)["status"]!).Should().Be("suspended", "the invoice is still open");

        (await world.Deliver(world.Invoice("paid", (await app.Cloud.Now()).AddSeconds(3), invoice))).ShouldBe(200);

        var read = (await app.Admin.Get($"/api/customers/{customer}")).ShouldBe(200);
        ((string)read["status"]!, (string)read["plan"]!).Should().Be(("active", "basic"));
    }

    [Fact]
    public async Task A_payment_never_lifts_a_hold_that_somebody_else_has_placed()
    {
        var customer = await NewCustomer();
        (await app.Admin.Post($"/api/customers/{customer}/suspend", new { hold = "security", reason = "an intrusion" })).ShouldBe(200);
        var world = await StripeWorld.Start(app, customer);
        var now = await app.Cloud.Now();
        JsonObject[] events = [world.Checkout(now), world.Subscription("created", now, "past_due"), world.Invoice("paid", now.AddSeconds(1), StripeWorld.Id("in"))];
        foreach (var received in events) { (await world.Deliver(received)).ShouldBe(200); }

        var read = (await app.Admin.Get($"/api/customers/{customer}")).ShouldBe(200);

        ((string)read["status"]!, (string)read["subscription"]!["status"]!).Should().Be(("suspended", "active"));
    }

    private async Task<string> NewCustomer() => (string)(await app.CreateCustomer())["id"]!;
}
