using System.Text.Json;
using System.Text.Json.Nodes;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared.Azure;
using CustomerFunctions.Stripe;

namespace CustomerFunctions.Tests.Stripe;

/// <summary>
/// Any story that Stripe may tell, in any order, with any repeats, and put into the customer after each event or only once: the same comes out.
/// </summary>
public sealed class StripeOrderTests
{
    private static readonly DateTimeOffset Start = new(2028, 1, 31, 10, 0, 0, TimeSpan.Zero);
    private static readonly string[] Statuses = ["incomplete", "trialing", "active", "past_due", "unpaid", "canceled", "paused", "incomplete_expired"];
    private static readonly string[] PlanNames = ["basic", "professional", "enterprise"];

    [Fact]
    public void A_thousand_stories_end_the_same_in_whatever_order_they_are_heard()
    {
        var started = Random.Shared.Next();
        for (var seed = started; seed < started + 1_000; seed++)
        {
            var random = new Random(seed);
            var story = Story(random);
            var expected = Told(story, random, eachTime: false);
            for (var i = 0; i < 4; i++)
            {
                StripeFact[] heard = [.. story.OrderBy(_ => random.Next()), .. random.GetItems(story, random.Next(5)), .. story.OrderBy(_ => random.Next())];
                if (i % 2 == 0) { heard = [.. story.Concat(random.GetItems(story, random.Next(5))).OrderBy(_ => random.Next())]; }
                Told(heard, random, eachTime: i > 1).Should().Be(expected, "of seed {0}", seed);
            }
        }
    }

    private static string Told(IEnumerable<StripeFact> facts, Random random, bool eachTime)
    {
        var stripe = StripeCustomer.New("cus_Stripe");
        var customer = Customer.Start("cus_01M7XH2S2N5Z9Q0C5D6E7F8G9H", "ada", new CustomerFields("Ada", "ada@example.com"), "admin", Start);
        foreach (var fact in facts)
        {
            var after = stripe.With(fact);
            stripe = ReferenceEquals(after, stripe) ? stripe : after with { Revision = stripe.Revision + 1 };
            if (eachTime && stripe.CustomerId is not null && customer.Apply(stripe, Start.AddDays(random.Next(100))) is var (next, _)) { customer = next; }
        }
        customer = customer.Apply(stripe, Start) is var (last, _) ? last : customer;
        var seen = CustomerResponse.From(new Stored<Customer>(customer, "")) with { UpdatedAt = Start, UpdatedBy = "" };
        return JsonSerializer.Serialize(seen, ApiJson.Default.CustomerResponse) + JsonSerializer.Serialize(stripe with { Revision = 0 }, StoreJson.Default.StripeCustomer);
    }

    private static StripeFact[] Story(Random random)
    {
        var world = new StripeWorld(null!, "cus_01M7XH2S2N5Z9Q0C5D6E7F8G9H");
        var invoices = Enumerable.Range(0, 3).Select(_ => StripeWorld.Id("in")).ToArray();
        var events = new List<JsonObject> { world.Checkout(At(random)), world.Subscription("created", At(random), "incomplete", startedAt: Start) };
        for (var i = 0; i < 8; i++)
        {
            events.Add(random.Next(5) switch
            {
                0 => world.PaymentMethod(At(random)),
                1 => world.Invoice("paid", At(random), invoices[random.Next(3)]),
                2 => world.Invoice("payment_failed", At(random), invoices[random.Next(3)]),
                3 when random.Next(4) == 0 => world.Subscription("deleted", At(random), "canceled", startedAt: Start),
                _ => world.Subscription("updated", At(random), Statuses[random.Next(Statuses.Length)], PlanNames[random.Next(3)], Start.AddMonths(random.Next(1, 5)), random.Next(3) == 0, Start),
            });
        }
        return [.. events.Select(StripeWorld.Fact)];
    }

    /// <summary>Few instants, so that many events share one.</summary>
    private static DateTimeOffset At(Random random) => Start.AddSeconds(random.Next(12));
}
