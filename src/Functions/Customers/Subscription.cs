using System.Text.Json.Serialization;

namespace CustomerFunctions.Customers;

/// <summary>Stripe's eight names for the state of a subscription.</summary>
public enum SubscriptionStatus
{
    [JsonStringEnumMemberName("incomplete")] Incomplete,
    [JsonStringEnumMemberName("incomplete_expired")] IncompleteExpired,
    [JsonStringEnumMemberName("trialing")] Trialing,
    [JsonStringEnumMemberName("active")] Active,
    [JsonStringEnumMemberName("past_due")] PastDue,
    [JsonStringEnumMemberName("canceled")] Canceled,
    [JsonStringEnumMemberName("unpaid")] Unpaid,
    [JsonStringEnumMemberName("paused")] Paused,
}

/// <summary>What a customer has subscribed to; see <see cref="Subscriptions.SubscriptionRules"/> for what becomes of it.</summary>
internal sealed record Subscription(string PlanId, SubscriptionStatus Status, DateTimeOffset StartedAt)
{
    /// <summary>The instant that renewals count from, so that a month after the 31st of January and a month later is the 31st of March.</summary>
    public DateTimeOffset? AnchorAt { get; init; }

    /// <summary>When the period that is under way ends; absent while there is none.</summary>
    public DateTimeOffset? RenewalAt { get; init; }

    public bool CancelAtPeriodEnd { get; init; }

    /// <summary>The plan that begins with the next period.</summary>
    public string? NextPlanId { get; init; }

    public DateTimeOffset? CanceledAt { get; init; }

    /// <summary>Since when there is a way to be paid.</summary>
    public DateTimeOffset? PaymentMethodAddedAt { get; init; }

    /// <summary>What it is: <c>card</c>, for instance.</summary>
    public string? PaymentMethod { get; init; }

    public string? StripeCustomerId { get; init; }

    public string? StripeSubscriptionId { get; init; }

    /// <summary>The subscription at Stripe that had ended when another plan was chosen here: what is still heard of it changes nothing.</summary>
    public string? StripeEndedId { get; init; }

    /// <summary>How much of what Stripe has reported is in here; see <see cref="Stripe.StripeCustomer"/>.</summary>
    public long? StripeRevision { get; init; }

    /// <summary>When what Stripe said while the customer was closed must be put in; absent when it is.</summary>
    public DateTimeOffset? StripeDueAt { get; init; }

    /// <summary>Since when a payment is missing.</summary>
    public DateTimeOffset? PastDueSince { get; init; }

    /// <summary>When the missing payment suspends the customer; absent once it has.</summary>
    public DateTimeOffset? GraceEndsAt { get; init; }

    [JsonIgnore]
    public bool IsOwing => Status is SubscriptionStatus.PastDue or SubscriptionStatus.Unpaid;

    /// <summary>Stripe runs this subscription: it changes by what Stripe reports, and not by itself.</summary>
    [JsonIgnore]
    public bool IsRunByStripe => StripeSubscriptionId is not null && !HasEnded;

    [JsonIgnore]
    public bool HasEnded => Status is SubscriptionStatus.Canceled or SubscriptionStatus.IncompleteExpired;

    /// <summary>When something has to be done without anybody asking; null when nothing has. What Stripe runs is renewed and ended by Stripe.</summary>
    [JsonIgnore]
    public DateTimeOffset? DueAt => new[] { StripeDueAt, GraceEndsAt, IsRunByStripe ? null : RenewalAt }.Min();
}
