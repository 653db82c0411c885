using System.Text.Json;
using System.Text.Json.Serialization;
using CustomerFunctions.Edge;

namespace CustomerFunctions.Stripe;

/// <summary>A Stripe event (docs.stripe.com/api/events/object), as far as it is used here.</summary>
internal sealed record StripeEvent(string? Id, string? Type, long? Created, StripeEventData? Data)
{
    /// <summary>What it lacks to be one; null when nothing.</summary>
    public static Problem? RefusalOf(StripeEvent? received)
    {
        var checks = new Checks();
        if (!StripeFact.IsId(received?.Id)) { checks.Add("/id", "required", "Expected the id of an event."); }
        checks.Text("/type", received?.Type, 100, required: true);
        if (received?.Created is not (> 0 and < 32_503_680_000)) { checks.Add("/created", "required", "Expected an instant in seconds."); }
        return checks.Refusal;
    }
}

/// <param name="Object">What the event is about, as it was then; its form depends on the type.</param>
internal sealed record StripeEventData(JsonElement? Object)
{
    /// <summary>The id of that, if it has one.</summary>
    [JsonIgnore]
    public string? IdOfObject => Object is { ValueKind: JsonValueKind.Object } about && about.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String && StripeFact.IsId(id.GetString()) ? id.GetString() : null;
}

/// <summary>
/// The fields of subscriptions, invoices, payment methods and checkout sessions that are used here; each object has its own of them. An event has the form of the API version that its endpoint was made with, so those from
/// before 2025-03-31 (docs.stripe.com/changelog/basil) are understood like those after it.
/// </summary>
internal sealed record StripeObject
{
    public string? Id { get; init; }

    public string? Customer { get; init; }

    public string? Status { get; init; }

    /// <summary>Of a payment method: <c>card</c> and so on.</summary>
    public string? Type { get; init; }

    public bool? CancelAtPeriodEnd { get; init; }

    /// <summary>When the subscription ends. In flexible billing mode the customer portal sets this and leaves <see cref="CancelAtPeriodEnd"/> false (docs.stripe.com/billing/subscriptions/billing-mode/compare).</summary>
    public long? CancelAt { get; init; }

    public long? Created { get; init; }

    public long? StartDate { get; init; }

    /// <summary>Until API version 2025-03-31; from then on it stands at the items.</summary>
    public long? CurrentPeriodEnd { get; init; }

    public StripeItems? Items { get; init; }

    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary>Of an invoice until API version 2025-03-31, and of a checkout session.</summary>
    public string? Subscription { get; init; }

    /// <summary>Of an invoice before API version 2025-03-31: the subscription's metadata.</summary>
    public StripeParentSubscription? SubscriptionDetails { get; init; }

    /// <summary>Of an invoice from API version 2025-03-31 on.</summary>
    public StripeParent? Parent { get; init; }

    /// <summary>Of a checkout session: the customer here for whom it was begun.</summary>
    public string? ClientReferenceId { get; init; }
}

internal sealed record StripeItems(IReadOnlyList<StripeItem>? Data);

/// <param name="Price">What is sold.</param>
/// <param name="CurrentPeriodEnd">From API version 2025-03-31 on.</param>
internal sealed record StripeItem(StripePrice? Price, long? CurrentPeriodEnd);

/// <param name="LookupKey">The name of the plan here.</param>
internal sealed record StripePrice(string? LookupKey);

internal sealed record StripeParent(StripeParentSubscription? SubscriptionDetails);

/// <param name="Subscription">Which.</param>
/// <param name="Metadata">The subscription's own, as it was when the invoice was made.</param>
internal sealed record StripeParentSubscription(string? Subscription, IReadOnlyDictionary<string, string>? Metadata);

/// <summary>Stripe's own names, and fields that it may add any day.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(StripeEvent))]
[JsonSerializable(typeof(StripeObject))]
[JsonSerializable(typeof(StripeEventList))]
[JsonSerializable(typeof(StripeErrorAnswer))]
internal sealed partial class StripeJson : JsonSerializerContext;
