using System.Text.Json;
using System.Text.RegularExpressions;
using CustomerFunctions.Customers;
using CustomerFunctions.Plans;
using CustomerFunctions.Shared;

namespace CustomerFunctions.Stripe;

/// <summary>What an event says that matters here; <see cref="StripeCustomer"/> puts facts together.</summary>
/// <param name="StripeId">The Stripe customer that it is about.</param>
/// <param name="EventId">The event.</param>
/// <param name="At">When Stripe made the event.</param>
internal abstract partial record StripeFact(string StripeId, string EventId, DateTimeOffset At)
{
    /// <summary>The <c>metadata.planId</c> of a subscription that is meant to be of no plan, such as an add-on.</summary>
    private const string NoPlan = "none";

    /// <summary>Who that is here, if the event says so.</summary>
    public string? CustomerId { get; init; }

    /// <summary>All that says something here, by the names that Stripe has for it (docs.stripe.com/api/events/types): where it is asked for events they must be named, and twenty at most (docs.stripe.com/api/events/list).</summary>
    public static readonly IReadOnlyList<string> Types =
    [
        "customer.subscription.created", "customer.subscription.updated", "customer.subscription.deleted", "customer.subscription.paused", "customer.subscription.resumed", "customer.subscription.trial_will_end",
        "customer.subscription.pending_update_applied", "customer.subscription.pending_update_expired",
        "invoice.paid", "invoice.payment_failed", "invoice.voided", "invoice.marked_uncollectible", "payment_method.attached", "checkout.session.completed",
    ];

    private static readonly Dictionary<string, SubscriptionStatus> Statuses = new()
    {
        ["incomplete"] = SubscriptionStatus.Incomplete,
        ["incomplete_expired"] = SubscriptionStatus.IncompleteExpired,
        ["trialing"] = SubscriptionStatus.Trialing,
        ["active"] = SubscriptionStatus.Active,
        ["past_due"] = SubscriptionStatus.PastDue,
        ["canceled"] = SubscriptionStatus.Canceled,
        ["unpaid"] = SubscriptionStatus.Unpaid,
        ["paused"] = SubscriptionStatus.Paused,
    };

    /// <summary>The fact in an event; null when there is none in it, which is no mistake.</summary>
    public static StripeFact? Of(StripeEvent received)
    {
        var type = received.Type!;
        if (!IsKnown(type) || received.Data?.Object is not { ValueKind: JsonValueKind.Object } json) { return null; }
        var about = json.Deserialize(StripeJson.Default.StripeObject)!;
        var at = DateTimeOffset.FromUnixTimeSeconds(received.Created!.Value);
        if (!IsId(about.Customer) || !IsId(about.Id)) { return null; }
        var customerId = about.ClientReferenceId ?? CustomerIn(about.Metadata) ?? CustomerIn(about.Parent?.SubscriptionDetails?.Metadata) ?? CustomerIn(about.SubscriptionDetails?.Metadata);
        return Read(type, about, received.Id!, at) is { } fact ? fact with { CustomerId = Ids.IsValid(customerId, "cus_") ? customerId : null } : null;
    }

    private static string? CustomerIn(IReadOnlyDictionary<string, string>? metadata) => metadata?.GetValueOrDefault("customerId");

    public static bool IsKnown(string type) =>
        type.StartsWith("customer.subscription.", StringComparison.Ordinal) || InvoiceNewsOf(type) is not null || type is "payment_method.attached" or "checkout.session.completed";

    public static bool IsId(string? text) => text is not null && Id().IsMatch(text);

    private static StripeFact? Read(string type, StripeObject about, string eventId, DateTimeOffset at) => type switch
    {
        "payment_method.attached" => new PaymentMethodFact(about.Customer!, eventId, at, about.Type ?? "unknown"),
        "checkout.session.completed" => new CheckoutFact(about.Customer!, eventId, at),
        _ when InvoiceNewsOf(type) is { } news => (about.Subscription ?? about.Parent?.SubscriptionDetails?.Subscription) is { } paidFor ? new InvoiceFact(about.Customer!, eventId, at, about.Id!, paidFor, news) : null,
        _ => Statuses.TryGetValue(about.Status ?? "", out var status) ? Subscription(about, eventId, at, type == "customer.subscription.deleted" ? Ended(status) : status) : null,
    };

    /// <summary>What an invoice's event says of it (docs.stripe.com/api/events/types); null for what says nothing that matters here.</summary>
    private static InvoiceNews? InvoiceNewsOf(string type) => type switch
    {
        "invoice.paid" => InvoiceNews.Paid,
        "invoice.payment_failed" => InvoiceNews.Failed,
        "invoice.voided" or "invoice.marked_uncollectible" => InvoiceNews.GivenUp,
        _ => null,
    };

    /// <summary>How a subscription ended that was deleted: one whose first payment never came has expired.</summary>
    private static SubscriptionStatus Ended(SubscriptionStatus status) =>
        status is SubscriptionStatus.Incomplete or SubscriptionStatus.IncompleteExpired ? SubscriptionStatus.IncompleteExpired : SubscriptionStatus.Canceled;

    private static SubscriptionFact Subscription(StripeObject about, string eventId, DateTimeOffset at, SubscriptionStatus status)
    {
        // Other things may be sold with the plan.
        var items = about.Items?.Data ?? [];
        var item = items.FirstOrDefault(sold => IsPlan(sold.Price?.LookupKey)) ?? (items is [var first, ..] ? first : null);
        var plan = IsPlan(item?.Price?.LookupKey) ? item!.Price!.LookupKey : about.Metadata?.GetValueOrDefault("planId");
        var periodEnd = item?.CurrentPeriodEnd ?? about.CurrentPeriodEnd;
        return new SubscriptionFact(about.Customer!, eventId, at, about.Id!, status)
        {
            // A later end is for a later period to tell.
            CancelAtPeriodEnd = about.CancelAtPeriodEnd == true || about.CancelAt <= (items.Max(sold => sold.CurrentPeriodEnd) ?? periodEnd ?? about.CancelAt),
            StartedAt = (about.StartDate ?? about.Created) is { } started ? DateTimeOffset.FromUnixTimeSeconds(started) : at,
            PeriodEnd = periodEnd is { } end ? DateTimeOffset.FromUnixTimeSeconds(end) : null,
            PlanId = IsPlan(plan) ? plan : null,
            UnknownPrice = IsPlan(plan) || plan == NoPlan || StripeSubscription.IsEndOf(status) ? null : item?.Price?.LookupKey ?? "",
        };
    }

    private static bool IsPlan(string? name) => name is not null && name != Customer.TrialPlan && PlanCatalogue.Find(name) is not null;

    [GeneratedRegex(@"^[A-Za-z0-9_]{1,100}\z")]
    private static partial Regex Id();
}

internal sealed record SubscriptionFact(string StripeId, string EventId, DateTimeOffset At, string SubscriptionId, SubscriptionStatus Status) : StripeFact(StripeId, EventId, At)
{
    public bool CancelAtPeriodEnd { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public DateTimeOffset? PeriodEnd { get; init; }

    public string? PlanId { get; init; }

    /// <summary>The <c>lookup_key</c> that should have named a plan, empty where there is none; null when a plan is named or none is meant.</summary>
    public string? UnknownPrice { get; init; }
}

internal enum InvoiceNews
{
    Failed,
    Paid,

    /// <summary>Voided, or written off as uncollectible: nobody asks for it any more.</summary>
    GivenUp,
}

internal sealed record InvoiceFact(string StripeId, string EventId, DateTimeOffset At, string InvoiceId, string SubscriptionId, InvoiceNews News) : StripeFact(StripeId, EventId, At);

internal sealed record PaymentMethodFact(string StripeId, string EventId, DateTimeOffset At, string Kind) : StripeFact(StripeId, EventId, At);

/// <summary>Says nothing by itself but who a Stripe customer is here.</summary>
internal sealed record CheckoutFact(string StripeId, string EventId, DateTimeOffset At) : StripeFact(StripeId, EventId, At);
