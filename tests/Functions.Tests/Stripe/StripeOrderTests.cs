using System.Text.Json;
using System.Text.Json.Nodes;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared.Azure;
using CustomerFunctions.Stripe;
using CustomerFunctions.Subscriptions;

namespace CustomerFunctions.Tests.Stripe;

/// <summary>
/// Any story that Stripe may tell, of two customers there with two subscriptions each, in any order, with any repeats, and put into the customer after each event or only at the end: the same comes out.
/// </summary>
public sealed class StripeOrderTests
{
    private const string Id = "cus_01M7XH2S2N5Z9Q0C5D6E7F8G9H";
    private static readonly DateTimeOffset Start = new(2028, 1, 31, 10, 0, 0, TimeSpan.Zero);
    private static readonly string[] Statuses = ["incomplete", "trialing", "active", "past_due", "unpaid", "canceled", "paused", "incomplete_expired"];

    /// <summary>The last is the price of something that is no plan.</summary>
    private static readonly string[] PriceNames = ["basic", "professional", "enterprise", "storage_addon"];

    private static readonly string[] InvoiceNews = ["paid", "payment_failed", "payment_failed", "voided", "marked_uncollectible"];

    /// <summary>What may have been before Stripe was heard of: a trial, one that is over, a plan on account, and the free one.</summary>
    private static readonly Func<Customer, Customer>[] Beginnings =
    [
        customer => customer,
        customer => customer with { Subscription = customer.Subscription with { Status = SubscriptionStatus.Paused } },
        customer => customer.ChangePlan("enterprise", "ada", Start).ChangePlanAtRenewal("basic", "ada", Start),
        customer => customer.ChangePlan("free", "ada", Start),
    ];

    [Fact]
    public void A_thousand_stories_end_the_same_in_whatever_order_they_are_heard()
    {
        var started = Random.Shared.Next();
        for (var seed = started; seed < started + 1_000; seed++)
        {
            var random = new Random(seed);
            var begin = Beginnings[random.Next(Beginnings.Length)];
            var story = Story(random);
            var expected = Told(story, begin, random, eachTime: false);
            for (var i = 0; i < 4; i++)
            {
                StripeFact[] heard = [.. story.OrderBy(_ => random.Next()), .. random.GetItems(story, random.Next(5)), .. story.OrderBy(_ => random.Next())];
                if (i % 2 == 0) { heard = [.. story.Concat(random.GetItems(story, random.Next(5))).OrderBy(_ => random.Next())]; }
                Told(heard, begin, random, eachTime: i > 1).Should().Be(expected, "of seed {0}", seed);
            }
        }
    }

    /// <summary>The list of events begins with the newest; what of it was delivered before is left to chance.</summary>
    [Fact]
    public void Whatever_part_of_two_hundred_stories_was_delivered_and_whatever_was_asked_for_they_end_the_same()
    {
        var started = Random.Shared.Next();
        for (var seed = started; seed < started + 200; seed++)
        {
            var random = new Random(seed);
            var begin = Beginnings[random.Next(Beginnings.Length)];
            var story = Story(random);
            var delivered = story.Where(_ => random.Next(2) == 0).OrderBy(_ => random.Next()).ToList();
            var askedFor = story.OrderByDescending(fact => fact.At).Where(fact => !delivered.Contains(fact) || random.Next(4) == 0);
            Told(delivered.Concat(askedFor), begin, random, eachTime: true).Should().Be(Told(story, begin, random, eachTime: false), "of seed {0}", seed);
        }
    }

    private static string Told(IEnumerable<StripeFact> facts, Func<Customer, Customer> begin, Random random, bool eachTime)
    {
        var listener = new Listener(Id, Start);
        listener.Change(begin);
        foreach (var fact in facts)
        {
            listener.Note(fact);
            if (eachTime) { listener.Apply(fact.StripeId, Start.AddDays(random.Next(100))); }
        }
        foreach (var stripe in listener.Known) { listener.Apply(stripe.StripeId, Start); }
        var seen = CustomerResponse.From(new Stored<Customer>(listener.Customer, "")) with { UpdatedAt = Start, UpdatedBy = "" };
        var known = listener.Known.OrderBy(stripe => stripe.StripeId, StringComparer.Ordinal).Select(stripe => JsonSerializer.Serialize(stripe with { Revision = 0 }, StoreJson.Default.StripeCustomer));
        return string.Join('\n', known.Prepend(JsonSerializer.Serialize(seen, ApiJson.Default.CustomerResponse)));
    }

    private static StripeFact[] Story(Random random)
    {
        var (one, other) = (new StripeWorld(null!, Id), new StripeWorld(null!, Id));
        StripeWorld[] purchases = [one, new(null!, Id) { StripeId = one.StripeId }, other, new(null!, Id) { StripeId = other.StripeId }];
        var begun = purchases.Select(_ => At(random)).ToArray();
        var invoices = purchases.Select(_ => new[] { StripeWorld.Id("in"), StripeWorld.Id("in") }).ToArray();
        var events = new List<JsonObject> { one.Checkout(At(random)), other.Checkout(At(random)) };
        for (var i = 0; i < 14; i++)
        {
            var which = random.Next(purchases.Length);
            var (world, start) = (purchases[which], begun[which]);
            events.Add(random.Next(6) switch
            {
                0 => world.PaymentMethod(At(random)),
                1 or 2 => world.Invoice(InvoiceNews[random.Next(InvoiceNews.Length)], At(random), invoices[which][random.Next(2)]),
                3 when random.Next(3) == 0 => world.Subscription("deleted", At(random), random.Next(4) == 0 ? "incomplete_expired" : "canceled", startedAt: start),
                _ => world.Subscription("updated", At(random), Statuses[random.Next(Statuses.Length)], PriceNames[random.Next(PriceNames.Length)], Start.AddMonths(random.Next(1, 5)), random.Next(3) == 0, start),
            });
        }
        return [.. events.Select(StripeWorld.Fact)];
    }

    /// <summary>Few instants, so that many events share one.</summary>
    private static DateTimeOffset At(Random random) => Start.AddSeconds(random.Next(12));
}
