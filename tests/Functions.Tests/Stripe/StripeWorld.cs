using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using CustomerFunctions.Stripe;

namespace CustomerFunctions.Tests.Stripe;

/// <summary>Stripe as the app meets it: makes events in the documented form, signs and delivers them.</summary>
internal sealed class StripeWorld(App app, string customerId)
{
    private static readonly string Secret = "whsec_" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
    private static int counter;

    /// <summary>Where events are sent: to whichever instance's turn it is, unless a test says otherwise.</summary>
    public Api? At { get; set; }

    /// <summary>Who the customer is at Stripe: given, where it buys a second time as the same one.</summary>
    public string StripeId { get; init; } = Id("cus");

    public string SubscriptionId { get; } = Id("sub");

    public static async Task<StripeWorld> Start(App app, string customerId)
    {
        using var request = app.ToVault(HttpMethod.Put, "/secrets/stripe-webhook-secret", new { value = Secret });
        (await app.Azure.SendAsync(request)).EnsureSuccessStatusCode();
        return new StripeWorld(app, customerId);
    }

    public static string Id(string prefix) => string.Create(CultureInfo.InvariantCulture, $"{prefix}_1Q{Interlocked.Increment(ref counter):D6}{Guid.NewGuid().ToString("N")[..14]}");

    public JsonObject Checkout(DateTimeOffset at) => Event("checkout.session.completed", at, new JsonObject
    {
        ["id"] = Id("cs_test"), ["object"] = "checkout.session", ["client_reference_id"] = customerId, ["customer"] = StripeId, ["subscription"] = SubscriptionId,
        ["mode"] = "subscription", ["payment_status"] = "paid", ["status"] = "complete", ["amount_total"] = 4900, ["currency"] = "eur", ["metadata"] = new JsonObject(),
    });

    public JsonObject PaymentMethod(DateTimeOffset at) => Event("payment_method.attached", at, new JsonObject
    {
        ["id"] = Id("pm"), ["object"] = "payment_method", ["customer"] = StripeId, ["type"] = "card", ["card"] = new JsonObject { ["brand"] = "visa", ["last4"] = "4242" }, ["metadata"] = new JsonObject(),
    });

    public JsonObject Subscription(string verb, DateTimeOffset at, string status, string plan = "professional", DateTimeOffset? periodEnd = null, bool cancelAtPeriodEnd = false, DateTimeOffset? startedAt = null) =>
        Event("customer.subscription." + verb, at, new JsonObject
        {
            ["id"] = SubscriptionId, ["object"] = "subscription", ["customer"] = StripeId, ["status"] = status, ["cancel_at_period_end"] = cancelAtPeriodEnd, ["collection_method"] = "charge_automatically",
            ["created"] = (startedAt ?? at).ToUnixTimeSeconds(), ["start_date"] = (startedAt ?? at).ToUnixTimeSeconds(), ["metadata"] = new JsonObject(),
            ["items"] = new JsonObject
            {
                ["object"] = "list",
                ["data"] = new JsonArray(new JsonObject
                {
                    ["id"] = Id("si"), ["object"] = "subscription_item", ["current_period_end"] = (periodEnd ?? at.AddMonths(1)).ToUnixTimeSeconds(),
                    ["price"] = new JsonObject { ["id"] = "price_1Qprofessional", ["object"] = "price", ["lookup_key"] = plan, ["recurring"] = new JsonObject { ["interval"] = "month" } },
                }),
            },
        });

    public JsonObject Invoice(string verb, DateTimeOffset at, string id) => Event("invoice." + verb, at, new JsonObject
    {
        ["id"] = id, ["object"] = "invoice", ["customer"] = StripeId, ["status"] = verb switch { "paid" => "paid", "voided" => "void", "marked_uncollectible" => "uncollectible", _ => "open" }, ["attempt_count"] = 1, ["amount_due"] = 4900, ["currency"] = "eur", ["billing_reason"] = "subscription_cycle",
        ["parent"] = new JsonObject { ["type"] = "subscription_details", ["subscription_details"] = new JsonObject { ["subscription"] = SubscriptionId, ["metadata"] = new JsonObject() } },
    });

    public static JsonObject Event(string type, DateTimeOffset at, JsonObject about) => new()
    {
        ["id"] = Id("evt"), ["object"] = "event", ["api_version"] = "2025-03-31.basil", ["created"] = at.ToUnixTimeSeconds(), ["data"] = new JsonObject { ["object"] = about },
        ["livemode"] = false, ["pending_webhooks"] = 1, ["request"] = new JsonObject { ["id"] = null, ["idempotency_key"] = null }, ["type"] = type,
    };

    public static StripeFact Fact(JsonObject received) => StripeFact.Of(received.Deserialize(StripeJson.Default.StripeEvent)!)!;

    public async Task<Answer> Deliver(JsonObject received, TimeSpan late = default, string? secret = null)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(received);
        return await Post(body, StripeSignature.Sign(secret ?? Secret, (await app.Cloud.Now() - late).ToUnixTimeSeconds(), body));
    }

    public Task<Answer> Post(byte[] body, string signature)
    {
        var caller = At ?? app.Caller(key: null);
        var request = new HttpRequestMessage(HttpMethod.Post, caller.Url("/api/webhooks/stripe")) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new("application/json");
        request.Headers.TryAddWithoutValidation(StripeSignature.Header, signature);
        return caller.Send(request);
    }
}
