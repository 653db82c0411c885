using System.Text;
using System.Text.Json;
using CustomerFunctions.Audit;
using CustomerFunctions.Edge;
using CustomerFunctions.Notifications;
using CustomerFunctions.Shared;

namespace CustomerFunctions.Webhooks;

/// <summary>What a message is about.</summary>
/// <param name="Id">The notification; a receiver can look it up.</param>
/// <param name="CustomerId">Whose it is.</param>
/// <param name="Level">How much it matters.</param>
/// <param name="Title">The same for people.</param>
/// <param name="Targets">What it is about.</param>
/// <param name="ResourceVersion">Grows with every change of the first target: drop what is older than what you have.</param>
/// <param name="Details">What else is worth knowing.</param>
public sealed record WebhookData(string Id, string CustomerId, NoticeLevel Level, string Title, IReadOnlyList<AuditTarget> Targets, long? ResourceVersion, IReadOnlyDictionary<string, string>? Details);

/// <summary>A message's body, in the form of Standard Webhooks 1.0.</summary>
public sealed record WebhookMessage(string Type, DateTimeOffset Timestamp, WebhookData Data);

/// <summary>Has messages sent: it only writes down what is to go to whom, so whoever calls never waits for a receiver.</summary>
internal sealed class WebhookQueue(WebhookStore store, TimeProvider clock)
{
    public const string TestEvent = "webhook.test";

    /// <summary>Sends a notification to every endpoint that wants it; calling it again changes nothing.</summary>
    public async Task Send(Notification notification, CancellationToken cancellation)
    {
        foreach (var endpoint in await store.All(notification.CustomerId, cancellation))
        {
            if (!endpoint.Value.Wants(notification.Notice)) { continue; }
            await store.Queue(WebhookDelivery.Of(endpoint.Value, WebhookDelivery.IdOf(notification.Id, endpoint.Value.Id), notification.Notice, Body(notification), clock.GetUtcNow()), cancellation);
        }
    }

    /// <summary>Sends a message that tells of nothing.</summary>
    public async Task<WebhookDelivery> SendTest(WebhookEndpoint endpoint, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var ulid = Ids.NewUlid(clock);
        var body = new WebhookMessage(TestEvent, now, new WebhookData("ntf_" + ulid, endpoint.CustomerId, NoticeLevel.Info, "This is a test", [new AuditTarget("webhook", endpoint.Id)], null, null));
        var delivery = WebhookDelivery.Of(endpoint, "dlv_" + ulid, TestEvent, Text(body), now);
        await store.Queue(delivery, cancellation);
        return delivery;
    }

    private static string Body(Notification of) =>
        Text(new WebhookMessage(of.Notice, of.CreatedAt, new WebhookData(of.Id, of.CustomerId, of.Level, of.Title, of.Targets, of.ResourceVersion, of.Details)));

    private static string Text(WebhookMessage message) => Encoding.UTF8.GetString(JsonSerializer.SerializeToUtf8Bytes(message, ApiJson.Default.WebhookMessage));
}
