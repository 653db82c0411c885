using System.Text;
using CustomerFunctions.Access;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.Stripe;

/// <summary>That an event came, for thirty days: longer than Stripe repeats one.</summary>
internal sealed record StripeReceipt : Document
{
    public const string DocumentType = "stripeReceipt";
    public const int ThirtyDays = 30 * 24 * 60 * 60;

    public required string EventType { get; init; }

    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>Of an event that means nothing here: all of it, for whoever wants to know what was missed.</summary>
    public string? Body { get; init; }
}

/// <summary>
/// Keeps customers in step with Stripe: a fact goes into what is known of the Stripe customer, and all of that into the customer. Each step may be repeated, and the receipt is written last: whatever stops it in between, Stripe
/// delivers again.
/// </summary>
internal sealed class StripeSync(AzureClients azure, CustomerStore customers, CustomerCache cache, TimeProvider clock)
{
    private static readonly Caller Actor = Caller.Timer(StripeProjection.Actor);
    private readonly Documents control = new(azure, "control");

    /// <summary>Says what came of the event.</summary>
    public async Task<string> Take(StripeEvent received, byte[] body, CancellationToken cancellation)
    {
        var receiptId = "stripe-event:" + received.Id;
        if (await control.Read(receiptId, receiptId, StoreJson.Default.StripeReceipt, cancellation) is not null) { return "repeated"; }
        var fact = StripeFact.Of(received);
        if (fact is not null) { await Apply(await Note(fact, cancellation), cancellation); }
        var receipt = new StripeReceipt
        {
            Id = receiptId,
            Type = StripeReceipt.DocumentType,
            EventType = received.Type!,
            ReceivedAt = clock.GetUtcNow(),
            Body = fact is null ? Encoding.UTF8.GetString(body) : null,
            Ttl = StripeReceipt.ThirtyDays,
        };
        await control.TryCreate(receiptId, receipt, StoreJson.Default.StripeReceipt, cancellation);
        return fact is null ? "kept" : "applied";
    }

    private async Task<StripeCustomer> Note(StripeFact fact, CancellationToken cancellation)
    {
        var id = StripeCustomer.IdOf(fact.StripeId);
        while (true)
        {
            var known = await control.Read(id, id, StoreJson.Default.StripeCustomer, cancellation);
            var after = (known?.Value ?? StripeCustomer.New(fact.StripeId)).With(fact);
            if (ReferenceEquals(after, known?.Value)) { return after; }
            var noted = known is null ? await control.TryCreate(id, after, StoreJson.Default.StripeCustomer, cancellation) : await control.TryReplace(id, known, after, StoreJson.Default.StripeCustomer, cancellation);
            if (noted is not null) { return noted.Value; }
        }
    }

    private async Task Apply(StripeCustomer stripe, CancellationToken cancellation)
    {
        // Until somebody says who it is here, what is known waits.
        while (stripe.CustomerId is { Text: var id } && await customers.Read(id, cancellation) is { Value.DeletedAt: null } customer)
        {
            if (customer.Value.Apply(stripe, clock.GetUtcNow()) is not var (after, action)) { return; }
            if (action is not null) { after = after.Recorded(action, customer.Value, Actor, clock); }
            if (await customers.TryReplace(customer, after, cancellation) is not { } changed) { continue; }
            cache.Remember(changed);
            return;
        }
    }
}
