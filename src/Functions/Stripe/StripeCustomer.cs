using System.Text.Json.Serialization;
using CustomerFunctions.Customers;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.Stripe;

/// <summary>When something was said, and by which event: the later one counts, and of two in one second the one whose id is greater, so that every order of arrival comes to the same.</summary>
internal sealed record Said(DateTimeOffset At, string EventId) : IComparable<Said>
{
    public int CompareTo(Said? other) => other is null ? 1 : At != other.At ? At.CompareTo(other.At) : string.CompareOrdinal(EventId, other.EventId);
}

internal sealed record SaidText(string Text, Said Said);

internal sealed record SaidInstant(DateTimeOffset Instant, Said Said);

/// <summary>A subscription at Stripe. Each part is as the newest event that speaks of it says, and its end is final.</summary>
internal sealed record StripeSubscription(SubscriptionStatus Status, bool CancelAtPeriodEnd, DateTimeOffset StartedAt, Said Said)
{
    public bool IsEnd => IsEndOf(Status);

    public SaidText? Plan { get; init; }

    public SaidInstant? PeriodEnd { get; init; }

    /// <summary>Whether it ever got beyond its first payment.</summary>
    public bool HasStarted { get; init; }

    /// <summary>Stripe's two states that nothing comes after.</summary>
    public static bool IsEndOf(SubscriptionStatus status) => status is SubscriptionStatus.Canceled or SubscriptionStatus.IncompleteExpired;
}

/// <param name="FailedAt">When paying it failed first.</param>
/// <param name="PaidAt">When it was paid, which is final.</param>
internal sealed record StripeInvoice(DateTimeOffset? FailedAt, DateTimeOffset? PaidAt)
{
    /// <summary>When it was voided or written off, which is final unless it is paid after all.</summary>
    public DateTimeOffset? GivenUpAt { get; init; }

    /// <summary>What it is for; not known of invoices that earlier versions heard of.</summary>
    public string? SubscriptionId { get; init; }

    [JsonIgnore]
    public bool IsOpen => PaidAt is null && GivenUpAt is null;
}

/// <summary>
/// Everything that Stripe has said of one of its customers, put together so that order and repetition do not matter: taking in a fact is commutative, associative and idempotent. It is there before anybody knows who
/// the customer is here, for that may be said last.
/// </summary>
internal sealed record StripeCustomer : Document
{
    public const string DocumentType = "stripeCustomer";
    private const int MostInvoices = 100;
    private const int MostSubscriptions = 20;

    public required string StripeId { get; init; }

    /// <summary>Who that is here.</summary>
    public SaidText? CustomerId { get; init; }

    public SaidText? PaymentMethod { get; init; }

    public IReadOnlyDictionary<string, StripeSubscription> Subscriptions { get => field ?? Empty.Subscriptions; init; }

    public IReadOnlyDictionary<string, StripeInvoice> Invoices { get => field ?? Empty.Invoices; init; }

    public static string IdOf(string stripeId) => "stripe:" + stripeId;

    public static StripeCustomer New(string stripeId) => new() { Id = IdOf(stripeId), Type = DocumentType, StripeId = stripeId };

    /// <summary>Takes a fact in; returns this very customer when it was known.</summary>
    public StripeCustomer With(StripeFact fact)
    {
        var said = new Said(fact.At, fact.EventId);
        // Whom it was first said to be.
        var linked = fact.CustomerId is { } id && !(CustomerId?.Said.CompareTo(said) <= 0) ? this with { CustomerId = new SaidText(id, said) } : this;
        return fact switch
        {
            PaymentMethodFact method => PaymentMethod?.Said.CompareTo(said) >= 0 ? linked : linked with { PaymentMethod = new SaidText(method.Kind, said) },
            InvoiceFact invoice => linked.WithInvoice(invoice),
            SubscriptionFact subscription => linked.WithSubscription(subscription, said),
            _ => linked,
        };
    }

    private StripeCustomer WithInvoice(InvoiceFact fact)
    {
        var known = (Invoices.GetValueOrDefault(fact.InvoiceId) ?? new StripeInvoice(null, null)) with { SubscriptionId = fact.SubscriptionId };
        var after = fact.News switch
        {
            InvoiceNews.Paid => known with { PaidAt = Earlier(known.PaidAt, fact.At) },
            InvoiceNews.GivenUp => known with { GivenUpAt = Earlier(known.GivenUpAt, fact.At) },
            _ => known with { FailedAt = Earlier(known.FailedAt, fact.At) },
        };
        return after == Invoices.GetValueOrDefault(fact.InvoiceId) ? this : this with
        {
            Invoices = Invoices.Where(pair => pair.Key != fact.InvoiceId).Append(KeyValuePair.Create(fact.InvoiceId, after))
                .OrderByDescending(pair => pair.Value.PaidAt ?? pair.Value.GivenUpAt ?? pair.Value.FailedAt).ThenBy(pair => pair.Key, StringComparer.Ordinal).Take(MostInvoices)
                .OrderBy(pair => pair.Key, StringComparer.Ordinal).ToDictionary(),
        };
    }

    private StripeCustomer WithSubscription(SubscriptionFact fact, Said said)
    {
        var known = Subscriptions.GetValueOrDefault(fact.SubscriptionId);
        var isNewer = known is null || (StripeSubscription.IsEndOf(fact.Status), said).CompareTo((known.IsEnd, known.Said)) > 0;
        var after = isNewer
            ? new StripeSubscription(fact.Status, fact.CancelAtPeriodEnd, fact.StartedAt, said) { Plan = known?.Plan, PeriodEnd = known?.PeriodEnd, HasStarted = known?.HasStarted == true }
            : known!;
        after = after with
        {
            Plan = fact.PlanId is { } plan && !(after.Plan?.Said.CompareTo(said) >= 0) ? new SaidText(plan, said) : after.Plan,
            PeriodEnd = fact.PeriodEnd is { } end && !(after.PeriodEnd?.Said.CompareTo(said) >= 0) ? new SaidInstant(end, said) : after.PeriodEnd,
            HasStarted = after.HasStarted || fact.Status is not (SubscriptionStatus.Incomplete or SubscriptionStatus.IncompleteExpired),
        };
        return after == known ? this : this with
        {
            Subscriptions = Subscriptions.Where(pair => pair.Key != fact.SubscriptionId).Append(KeyValuePair.Create(fact.SubscriptionId, after))
                .OrderByDescending(pair => pair.Value.Plan is not null).ThenByDescending(pair => pair.Value.StartedAt).ThenBy(pair => pair.Key, StringComparer.Ordinal).Take(MostSubscriptions)
                .OrderBy(pair => pair.Key, StringComparer.Ordinal).ToDictionary(),
        };
    }

    private static DateTimeOffset Earlier(DateTimeOffset? known, DateTimeOffset at) => known < at ? known.Value : at;

    private static class Empty
    {
        public static readonly IReadOnlyDictionary<string, StripeSubscription> Subscriptions = new Dictionary<string, StripeSubscription>();
        public static readonly IReadOnlyDictionary<string, StripeInvoice> Invoices = new Dictionary<string, StripeInvoice>();
    }
}
