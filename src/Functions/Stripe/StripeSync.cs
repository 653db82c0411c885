using System.Runtime.CompilerServices;
using CustomerFunctions.Access;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.Stripe;

/// <summary>That an event came, for thirty days: longer than Stripe repeats one, and as long as it can be asked for one.</summary>
internal sealed record StripeReceipt : Document
{
    public const string DocumentType = "stripeReceipt";
    public const int ThirtyDays = 30 * 24 * 60 * 60;

    public required string EventType { get; init; }

    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>What it was about, for whoever wants to know what was missed: Stripe shows the whole event for as long. It is not kept here, for it may name people and say where they live.</summary>
    public string? ObjectId { get; init; }
}

/// <summary>
/// Keeps customers in step with Stripe: a fact goes into what is known of the Stripe customer, and all of that into the customer. Each step may be repeated, and the receipt is written last: whatever stops it in between, Stripe
/// delivers again, or is asked again.
/// </summary>
internal sealed partial class StripeSync(AzureClients azure, CustomerStore customers, TimeProvider clock, ILogger<StripeSync> log)
{
    private static readonly Caller Actor = Caller.Timer(StripeProjection.Actor);
    private readonly Documents control = new(azure, "control");

    /// <summary>Says what came of the event. Of the same event sent several times at once, one is <c>applied</c>.</summary>
    public async Task<string> Take(StripeEvent received, CancellationToken cancellation)
    {
        var receiptId = "stripe-event:" + received.Id;
        if (await control.Read(receiptId, receiptId, StoreJson.Default.StripeReceipt, cancellation) is not null) { return "repeated"; }
        var fact = StripeFact.Of(received);
        if (fact is not null) { await Apply(await Note(fact, cancellation), cancellation); }
        if (fact is SubscriptionFact { UnknownPrice: { } price } unknown) { PriceUnknown(log, unknown.SubscriptionId, JsonProblems.Shorten(string.Concat(price.Where(c => !char.IsControl(c))))); }
        var receipt = new StripeReceipt
        {
            Id = receiptId,
            Type = StripeReceipt.DocumentType,
            EventType = received.Type!,
            ReceivedAt = clock.GetUtcNow(),
            ObjectId = received.Data?.IdOfObject,
            Ttl = StripeReceipt.ThirtyDays,
        };
        if (await control.TryCreate(receiptId, receipt, StoreJson.Default.StripeReceipt, cancellation) is null) { return "repeated"; }
        return fact is null ? "kept" : "applied";
    }

    /// <summary>Puts into a customer what Stripe has said of it while it was closed.</summary>
    public async Task CatchUp(Stored<Customer> customer, CancellationToken cancellation)
    {
        foreach (var stripeId in IdsOf(customer.Value))
        {
            if (await Read(stripeId, cancellation) is { } stripe) { await Apply(stripe.Value, cancellation); }
        }
        while (await customers.Read(customer.Value.Id, cancellation) is { Value.Subscription.StripeDueAt: not null } current)
        {
            await customers.TryReplace(current, current.Value with { Subscription = current.Value.Subscription with { StripeDueAt = null } }, cancellation);
        }
    }

    /// <summary>Removes all that Stripe has said of a customer that is being purged.</summary>
    public async Task Forget(Customer customer, CancellationToken cancellation)
    {
        foreach (var stripeId in IdsOf(customer)) { await Forget(stripeId, cancellation); }
    }

    /// <summary>What Stripe has said of a customer, under each of the ids that it has there.</summary>
    public async IAsyncEnumerable<StripeCustomer> Heard(Customer customer, [EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var stripeId in IdsOf(customer))
        {
            if (await Read(stripeId, cancellation) is { } stripe) { yield return stripe.Value; }
        }
    }

    /// <summary>Customers of earlier versions have the last one only.</summary>
    private static IEnumerable<string> IdsOf(Customer customer) => customer.StripeIds.Append(customer.Subscription.StripeCustomerId).OfType<string>().Distinct();

    private async Task Forget(string stripeId, CancellationToken cancellation)
    {
        while (await Read(stripeId, cancellation) is { } stripe && !await control.TryDelete(stripe.Value.Id, stripe, cancellation)) { }
    }

    private Task<Stored<StripeCustomer>?> Read(string stripeId, CancellationToken cancellation) =>
        control.Read(StripeCustomer.IdOf(stripeId), StripeCustomer.IdOf(stripeId), StoreJson.Default.StripeCustomer, cancellation);

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

    /// <summary>Who else the customer is at Stripe.</summary>
    private async Task<IReadOnlyCollection<StripeCustomer>> Others(Customer customer, StripeCustomer but, CancellationToken cancellation)
    {
        var others = new List<StripeCustomer>();
        foreach (var stripeId in IdsOf(customer).Where(stripeId => stripeId != but.StripeId))
        {
            if (await Read(stripeId, cancellation) is { Value: { CustomerId.Text: var id } other } && id == customer.Id) { others.Add(other); }
        }
        return others;
    }

    private async Task Apply(StripeCustomer stripe, CancellationToken cancellation)
    {
        // Until somebody says who it is here, what is known waits.
        while (stripe.CustomerId is { Text: var id })
        {
            var customer = await customers.Read(id, cancellation);
            // Nothing is kept of a customer that is gone, or going: whoever purges it has looked before this was written.
            if (customer is null or { Value.PurgeStartedAt: not null }) { await Forget(stripe.StripeId, cancellation); return; }
            // The customer says who it is at Stripe: so what it is not told while it is closed is found again.
            if (!customer.Value.StripeIds.Contains(stripe.StripeId))
            {
                await customers.TryReplace(customer, customer.Value with { StripeIds = [.. customer.Value.StripeIds, stripe.StripeId] }, cancellation);
                continue;
            }
            if (customer.Value.DeletedAt is not null) { return; }
            var others = await Others(customer.Value, stripe, cancellation);
            // A read may be behind what another instance has put in already: it is left to the next delivery, which finds it caught up.
            if (others.Any(other => other.Revision < customer.Value.StripeRevisions.GetValueOrDefault(other.StripeId))) { throw new StaleReadException("What is known of a customer at Stripe"); }
            if (customer.Value.Apply(stripe, others, clock.GetUtcNow()) is not var (after, action)) { return; }
            if (action is not null) { after = after.Recorded(action, customer.Value, Actor, clock); }
            if (await customers.TryReplace(customer, after, cancellation) is not null) { return; }
        }
    }

    [LoggerMessage(1607, LogLevel.Error, "The price of subscription {SubscriptionId} at Stripe names no plan (lookup_key '{LookupKey}'): it is paid for, and changes no plan here")]
    private static partial void PriceUnknown(ILogger log, string subscriptionId, string lookupKey);
}
