using CustomerFunctions.Customers;
using CustomerFunctions.Stripe;

namespace CustomerFunctions.Tests.Stripe;

/// <summary>Hears Stripe as the app does, without the app: a fact goes into what is known of the Stripe customer, and that into the customer here.</summary>
internal sealed class Listener(string customerId, DateTimeOffset start)
{
    private readonly Dictionary<string, StripeCustomer> known = [];

    public Customer Customer { get; private set; } = NewCustomer(customerId, start);

    public string? LastAction { get; private set; }

    public IEnumerable<StripeCustomer> Known => known.Values;

    public static Customer NewCustomer(string id, DateTimeOffset start) => Customer.Start(id, "ada", new CustomerFields("Ada", "ada@example.com"), "admin", start);

    public void Change(Func<Customer, Customer> change) => Customer = change(Customer);

    public void Hear(StripeFact fact)
    {
        Note(fact);
        Apply(fact.StripeId, fact.At);
    }

    /// <summary>Takes the fact in and leaves the customer for later.</summary>
    public void Note(StripeFact fact)
    {
        var before = known.GetValueOrDefault(fact.StripeId) ?? StripeCustomer.New(fact.StripeId);
        var after = before.With(fact);
        known[fact.StripeId] = ReferenceEquals(after, before) ? before : after with { Revision = before.Revision + 1 };
    }

    public void Apply(string stripeId, DateTimeOffset now)
    {
        if (known[stripeId].CustomerId is null || Customer.Apply(known[stripeId], [.. known.Values.Where(other => other.StripeId != stripeId && other.CustomerId?.Text == Customer.Id)], now) is not var (after, action)) { return; }
        (Customer, LastAction) = (after, action ?? LastAction);
    }
}
