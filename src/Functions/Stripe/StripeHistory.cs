namespace CustomerFunctions.Stripe;

/// <summary>A subscription, and whose it is at Stripe.</summary>
internal sealed record StripePurchase(StripeCustomer Buyer, string Id, StripeSubscription Subscription);

/// <summary>All that Stripe has said of a customer here. That may be several customers there: each checkout makes a new one, unless it is begun for one that is there.</summary>
/// <param name="buyers">The customers at Stripe.</param>
/// <param name="running">
/// The subscription that runs the customer here. It counts even if it has never named a plan: earlier versions let such
/// a subscription run a customer, and its end must still be heard.
/// </param>
internal sealed class StripeHistory(IReadOnlyCollection<StripeCustomer> buyers, string? running)
{
    /// <summary>Subscriptions of plans. One that has never named a plan is an add-on: no state of it changes anything here.</summary>
    private readonly IReadOnlyList<StripePurchase> purchases =
    [
        .. from buyer in buyers
           from pair in buyer.Subscriptions
           where pair.Value.Plan is not null || pair.Key == running
           select new StripePurchase(buyer, pair.Key, pair.Value),
    ];

    /// <summary>
    /// The subscription that counts: one that names a plan before one that does not, one that has begun before one that
    /// has not, one that goes on before one that has ended, then the younger.
    /// </summary>
    public StripePurchase? Current => purchases
        .OrderByDescending(one => one.Subscription.Plan is not null).ThenByDescending(one => one.Subscription.HasStarted).ThenByDescending(one => !one.Subscription.IsEnd).ThenByDescending(one => one.Subscription.StartedAt).ThenByDescending(one => one.Id, StringComparer.Ordinal)
        .FirstOrDefault();

    /// <summary>The newest way to pay.</summary>
    public SaidText? PaymentMethod => buyers.Select(buyer => buyer.PaymentMethod).Where(method => method is not null).MaxBy(method => method!.Said);

    /// <summary>Whoever was linked last, for a customer that has bought nothing.</summary>
    public StripeCustomer Newest => buyers.MaxBy(buyer => buyer.CustomerId!.Said)!;

    /// <summary>Whether nothing is owed for anything that has ever begun. The first invoice of what never did is no debt.</summary>
    public bool IsSettled => !purchases.Where(one => one.Subscription.HasStarted).SelectMany(InvoicesOf).Any(invoice => invoice is { IsOpen: true, FailedAt: not null });

    /// <summary>When the newest open invoice of it failed first; null when none is open. Stripe, too, goes by the newest: an older one may be left open for good.</summary>
    public static DateTimeOffset? UnpaidSince(StripePurchase one) => InvoicesOf(one).Where(invoice => invoice.IsOpen).Max(invoice => invoice.FailedAt);

    public static DateTimeOffset? LastPaidAt(StripePurchase one) => InvoicesOf(one).Max(invoice => invoice.PaidAt);

    private static IEnumerable<StripeInvoice> InvoicesOf(StripePurchase one) => one.Buyer.Invoices.Values.Where(invoice => (invoice.SubscriptionId ?? one.Id) == one.Id);
}
