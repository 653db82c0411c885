using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CustomerFunctions.Stripe;
using CustomerFunctions.Tests.Audit;

namespace CustomerFunctions.Tests.Stripe;

/// <summary>Stripe's events through the route that takes them.</summary>
public sealed class ReceiveStripeEventTests
{
    [Fact]
    public async Task However_often_and_in_whatever_order_events_come_the_customer_ends_in_the_same_state()
    {
        var app = await App.Shared;
        var start = (await app.Cloud.Now()).AddDays(-3);
        var outcomes = new HashSet<string>();
        for (var seed = 0; seed < 6; seed++)
        {
            var customer = (string)(await app.CreateCustomer())["id"]!;
            var world = await StripeWorld.Start(app, customer);
            var invoice = StripeWorld.Id("in");
            JsonObject[] story =
            [
                world.Subscription("created", start, "incomplete", startedAt: start), world.PaymentMethod(start.AddSeconds(1)), world.Invoice("paid", start.AddSeconds(2), StripeWorld.Id("in")),
                world.Subscription("updated", start.AddSeconds(3), "active", startedAt: start), world.Checkout(start.AddSeconds(4)),
                world.Invoice("payment_failed", start.AddDays(1), invoice), world.Subscription("updated", start.AddDays(1), "past_due", startedAt: start),
                world.Invoice("paid", start.AddDays(2), invoice), world.Subscription("updated", start.AddDays(2), "active", "enterprise", start.AddMonths(2), startedAt: start),
            ];
            var random = new Random(seed);
            foreach (var received in random.GetItems(story, 5).Concat(story.OrderBy(_ => random.Next()))) { (await world.Deliver(received)).ShouldBe(200); }

            var read = (await app.Admin.Get($"/api/customers/{customer}")).ShouldBe(200).Object;
            var subscription = read["subscription"]!.DeepClone().AsObject();
            subscription.Remove("stripeCustomerId");
            outcomes.Add($"{read["plan"]} {read["status"]} {read["trial"]!["status"]} {subscription.ToJsonString()}");
        }

        outcomes.Should().ContainSingle().Which.Should().StartWith("enterprise active converted").And.Contain("\"status\":\"active\"");
    }

    [Fact]
    public async Task An_event_counts_once_and_that_one_came_which_means_nothing_here_is_kept_without_what_it_says_of_people()
    {
        var app = await App.Shared;
        var customer = (string)(await app.CreateCustomer())["id"]!;
        var world = await StripeWorld.Start(app, customer);
        var checkout = world.Checkout(await app.Cloud.Now());
        ((string)(await world.Deliver(checkout)).ShouldBe(200)["outcome"]!).Should().Be("applied");
        ((string)(await world.Deliver(checkout)).ShouldBe(200)["outcome"]!).Should().Be("repeated");

        var unknown = StripeWorld.Event("customer.updated", await app.Cloud.Now(), new JsonObject { ["id"] = world.StripeId, ["email"] = "ada@example.com", ["address"] = new JsonObject { ["any"] = "form" } });
        ((string)(await world.Deliver(unknown)).ShouldBe(200)["outcome"]!).Should().Be("kept");
        ((string)(await world.Deliver(unknown)).ShouldBe(200)["outcome"]!).Should().Be("repeated");
        var id = "stripe-event:" + unknown["id"];
        var kept = await app.ReadDocument("control", id, id);
        ((string)kept["eventType"]!, (string)kept["objectId"]!).Should().Be(("customer.updated", world.StripeId));
        kept.ToJsonString().Should().NotContain("ada@").And.NotContain("form");
    }

    [Fact]
    public async Task An_event_that_is_sent_twelve_times_at_once_is_applied_once()
    {
        var app = await App.Shared;
        var customer = (string)(await app.CreateCustomer())["id"]!;
        var world = await StripeWorld.Start(app, customer);
        var now = await app.Cloud.Now();
        (await world.Deliver(world.Checkout(now))).ShouldBe(200);
        foreach (var received in new[] { world.Subscription("created", now, "active", startedAt: now), world.Subscription("updated", now.AddSeconds(1), "past_due", startedAt: now) })
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => world.Deliver(received)));

            answers.Select(answer => (string)answer.ShouldBe(200)["outcome"]!).Order(StringComparer.Ordinal).Should().Equal(Enumerable.Repeat("repeated", 11).Prepend("applied"));
        }
        (await new AuditTrail(app, customer).Actions()).Where(action => action.StartsWith("subscription.", StringComparison.Ordinal)).Should().BeEquivalentTo("subscription.paymentMethodChanged", "subscription.changed", "subscription.pastDue");
    }

    [Fact]
    public async Task What_is_bought_beside_a_trial_leaves_it_and_a_price_that_names_no_plan_is_logged()
    {
        var app = await App.Shared;
        var customer = (string)(await app.CreateCustomer())["id"]!;
        var world = await StripeWorld.Start(app, customer);
        var now = await app.Cloud.Now();
        await world.Deliver(world.Checkout(now));

        (await world.Deliver(world.Subscription("created", now, "active", "storage_addon"))).ShouldBe(200);

        var read = (await app.Admin.Get($"/api/customers/{customer}")).ShouldBe(200);
        ((string)read["plan"]!, (string)read["trial"]!["status"]!, (string)read["subscription"]!["status"]!).Should().Be(("trial", "active", "trialing"));
        await app.Cloud.ShouldBeLogged($"[1607] The price of subscription {world.SubscriptionId} at Stripe names no plan");
        var quiet = new StripeWorld(app, customer) { StripeId = world.StripeId };
        var declared = quiet.Subscription("created", now, "active", "storage_addon");
        declared["data"]!["object"]!["metadata"]!["planId"] = "none";
        (await quiet.Deliver(declared)).ShouldBe(200);
        (await world.Deliver(world.Subscription("updated", now.AddSeconds(1), "active", "enterprise", startedAt: now))).ShouldBe(200);
        ((string)(await app.Admin.Get($"/api/customers/{customer}")).ShouldBe(200)["plan"]!).Should().Be("enterprise", "it has named one now");
        await world.Deliver(world.Subscription("updated", now.AddSeconds(2), "active", "renamed_price", startedAt: now));
        await app.Cloud.ShouldBeLogged($"[1607] The price of subscription {world.SubscriptionId} at Stripe names no plan (lookup_key 'renamed_price')");
        app.Cloud.LogLines().Should().NotContain(line => line.Contains(quiet.SubscriptionId, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_customer_that_Stripe_runs_is_changed_at_Stripe()
    {
        var app = await App.Shared;
        var customer = (string)(await app.CreateCustomer())["id"]!;
        var world = await StripeWorld.Start(app, customer);
        var now = await app.Cloud.Now();
        await world.Deliver(world.Checkout(now));
        await world.Deliver(world.Subscription("created", now, "active"));

        (await app.Admin.Post($"/api/customers/{customer}/subscription/change", new { planId = "basic", start = "now" })).ShouldBeRefused(409, "subscription-run-by-stripe");
        (await app.Admin.Post($"/api/customers/{customer}/subscription/cancel")).ShouldBeRefused(409, "subscription-run-by-stripe");
        await world.Deliver(world.Subscription("deleted", now.AddSeconds(1), "canceled"));

        var ended = (await app.Admin.Get($"/api/customers/{customer}/subscription")).ShouldBe(200);
        ((string)ended["status"]!, (string)ended["planId"]!, (bool)ended["autoRenew"]!).Should().Be(("canceled", "free", false));
        (await app.Admin.Post($"/api/customers/{customer}/subscription/change", new { planId = "basic", start = "now" })).ShouldBe(200);
        await world.Deliver(world.Subscription("updated", now, "active", startedAt: now));
        ((string)(await app.Admin.Get($"/api/customers/{customer}/subscription")).ShouldBe(200)["planId"]!).Should().Be("basic", "what is still heard of an ended subscription changes nothing");
    }

    [Fact]
    public async Task A_customer_that_bought_again_as_another_customer_of_Stripes_has_what_it_paid_for_when_the_first_subscription_ends()
    {
        var app = await App.Shared;
        var customer = (string)(await app.CreateCustomer())["id"]!;
        var (before, after, now) = (await StripeWorld.Start(app, customer), new StripeWorld(app, customer), (await app.Cloud.Now()).AddDays(-1));
        foreach (var said in new[] { before.Checkout(now), before.Subscription("created", now, "active", "basic") }) { (await before.Deliver(said)).ShouldBe(200); }
        foreach (var said in new[] { after.Checkout(now.AddHours(1)), after.Subscription("created", now.AddHours(1), "active", "enterprise") }) { (await after.Deliver(said)).ShouldBe(200); }

        (await before.Deliver(before.Subscription("deleted", now.AddHours(2), "canceled", "basic", startedAt: now))).ShouldBe(200);

        var subscription = (await app.Admin.Get($"/api/customers/{customer}/subscription")).ShouldBe(200);
        ((string)subscription["planId"]!, (string)subscription["status"]!, (string)subscription["stripeCustomerId"]!).Should().Be(("enterprise", "active", after.StripeId));
    }

    [Theory]
    [InlineData(301)]
    [InlineData(-301)]
    public async Task A_message_of_another_time_is_refused(int seconds)
    {
        var app = await App.Shared;
        var world = await StripeWorld.Start(app, "cus_x");
        (await world.Deliver(world.PaymentMethod(await app.Cloud.Now()), TimeSpan.FromSeconds(seconds))).ShouldBeRefused(401, "signature-invalid");
    }

    [Fact]
    public async Task A_wrong_signature_is_refused_and_one_right_one_among_several_is_enough()
    {
        var app = await App.Shared;
        var world = await StripeWorld.Start(app, "cus_x");
        var received = world.PaymentMethod(await app.Cloud.Now());
        var body = JsonSerializer.SerializeToUtf8Bytes(received);
        var time = (await app.Cloud.Now()).ToUnixTimeSeconds();
        (await world.Deliver(received, secret: "whsec_other")).ShouldBeRefused(401, "signature-invalid");
        (await world.Post(body, "")).ShouldBeRefused(401, "signature-invalid");
        (await world.Post(body, string.Create(CultureInfo.InvariantCulture, $"t={time},v0={new string('a', 64)}"))).ShouldBeRefused(401, "signature-invalid");
        (await world.Post([.. body, (byte)' '], StripeSignature.Sign("whsec_other", time, body))).ShouldBeRefused(401, "signature-invalid");
        var stored = await app.Secret("stripe-webhook-secret");
        var right = StripeSignature.Sign((string)stored["value"]!, time, body);
        (await world.Post(body, right.Replace(",v1=", $",v1={new string('0', 64)},v1=", StringComparison.Ordinal))).ShouldBe(200);
    }

    [Fact]
    public void The_signature_is_Stripes()
    {
        // The form of docs.stripe.com/webhooks: time, a dot and the body, by the secret as it is written.
        var expected = Convert.ToHexStringLower(System.Security.Cryptography.HMACSHA256.HashData(Encoding.UTF8.GetBytes("whsec_test"), Encoding.UTF8.GetBytes("1492774577.{}")));
        StripeSignature.Sign("whsec_test", 1_492_774_577, "{}"u8).Should().Be($"t=1492774577,v1={expected}");
    }
}
