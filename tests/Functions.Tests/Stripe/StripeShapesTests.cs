using System.Text.Json.Nodes;
using CustomerFunctions.Stripe;

namespace CustomerFunctions.Tests.Stripe;

/// <summary>
/// One story as Stripe tells it by an API version from before 2025-03-31 and by one after it. The events in Stripe/Events have every field that Stripe publishes for their objects (docs.stripe.com/api, and the changelog of
/// basil and clover for what moved), with values of our own; of flexible billing mode, in the newer ones, is that a cancellation stands in <c>cancel_at</c> alone.
/// </summary>
public sealed class StripeShapesTests
{
    private const string Old = "2025-02-24.acacia";
    private const string New = "2025-09-30.clover";
    private static readonly DateTimeOffset Begins = new(2026, 12, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly string Events = Path.Combine(LocalCloud.Metadata("RepositoryRoot"), "tests", "Functions.Tests", "Stripe", "Events");

    [Theory]
    [InlineData("checkout.session.completed")]
    [InlineData("payment_method.attached")]
    [InlineData("customer.subscription.created")]
    [InlineData("customer.subscription.updated")]
    [InlineData("customer.subscription.deleted")]
    [InlineData("invoice.paid")]
    [InlineData("invoice.payment_failed")]
    public void Either_version_of_an_event_says_the_same(string type)
    {
        var (before, after) = (Read(Old, type), Read(New, type));
        ((string?)before["api_version"], (string?)after["api_version"], JsonNode.DeepEquals(before["data"], after["data"])).Should().Be((Old, New, false));
        StripeWorld.Fact(before).Should().Be(StripeWorld.Fact(after)).And.NotBeNull();
    }

    [Theory]
    [InlineData(Old)]
    [InlineData(New)]
    public async Task A_customers_story_is_understood_to_its_end(string version)
    {
        var app = await App.Shared;
        var customer = (string)(await app.CreateCustomer())["id"]!;
        var world = await StripeWorld.Start(app, customer);
        var names = StripeWorld.Id("");
        var seen = new List<string>();
        foreach (var type in new[] { "customer.subscription.created", "checkout.session.completed", "payment_method.attached", "invoice.paid", "customer.subscription.updated", "invoice.payment_failed", "customer.subscription.deleted" })
        {
            var received = JsonNode.Parse(Read(version, type).ToJsonString().Replace("StripeTests", names, StringComparison.Ordinal).Replace("cus_00000000000000000000000000", customer, StringComparison.Ordinal))!.AsObject();
            ((string?)(await world.Deliver(received)).ShouldBe(200)["outcome"]).Should().Be("applied");
            var now = (await app.Admin.Get($"/api/customers/{customer}/subscription")).ShouldBe(200);
            seen.Add($"{now["planId"]} {now["status"]} {now["renewalAt"]} {((bool)now["autoRenew"]! ? "renews" : "ends")}");
        }

        seen.Should().Equal(
            "trial trialing  ends", "professional active 2027-01-01T00:00:00.000Z renews", "professional active 2027-01-01T00:00:00.000Z renews", "professional active 2027-01-01T00:00:00.000Z renews",
            "professional active 2027-01-01T00:00:00.000Z ends", "professional past_due 2027-01-01T00:00:00.000Z ends", "free canceled  ends");
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(-1, true)]
    [InlineData(1, false)]
    public void An_end_that_lies_beyond_the_period_is_not_the_periods_yet(int days, bool ends)
    {
        var received = Read(New, "customer.subscription.updated");
        received["data"]!["object"]!["cancel_at"] = Begins.AddMonths(1).AddDays(days).ToUnixTimeSeconds();
        ((SubscriptionFact)StripeWorld.Fact(received)).CancelAtPeriodEnd.Should().Be(ends);
    }

    [Fact]
    public void The_plan_is_found_among_the_things_that_are_sold_with_it()
    {
        var received = Read(New, "customer.subscription.created");
        var items = received["data"]!["object"]!["items"]!["data"]!.AsArray();
        var besides = items[0]!.DeepClone();
        (besides["price"]!["lookup_key"], besides["current_period_end"]) = (null, Begins.AddYears(1).ToUnixTimeSeconds());
        items.Insert(0, besides);

        var fact = (SubscriptionFact)StripeWorld.Fact(received);
        (fact.PlanId, fact.PeriodEnd).Should().Be(("professional", Begins.AddMonths(1)));
    }

    [Theory]
    [InlineData(Old)]
    [InlineData(New)]
    public void Who_a_subscription_belongs_to_is_also_read_from_its_invoice(string version)
    {
        var received = Read(version, "invoice.paid");
        var invoice = received["data"]!["object"]!;
        (invoice["subscription_details"] ?? invoice["parent"]!["subscription_details"])!["metadata"]!["customerId"] = "cus_01M7XH2S2N5Z9Q0C5D6E7F8G9H";
        StripeWorld.Fact(received).CustomerId.Should().Be("cus_01M7XH2S2N5Z9Q0C5D6E7F8G9H");
    }

    private static JsonObject Read(string version, string type) => JsonNode.Parse(File.ReadAllText(Path.Combine(Events, version, type + ".json")))!.AsObject();
}
