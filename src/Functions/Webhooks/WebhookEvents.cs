using CustomerFunctions.Access;
using CustomerFunctions.Audit;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.Webhooks;

internal static class WebhookEvents
{
    /// <summary>The endpoint with the event that makes <paramref name="before"/> into it; null when it is new.</summary>
    public static WebhookEndpoint Recorded(this WebhookEndpoint after, string action, WebhookEndpoint? before, Caller caller, TimeProvider clock) => after.Record(
        caller.Event(action, after.CustomerId, new AuditTarget("webhook", after.Id), clock, AuditChange.Between(Sight(before), Sight(after), ApiJson.Default.WebhookResponse)));

    private static WebhookResponse? Sight(WebhookEndpoint? endpoint) => endpoint is null ? null : WebhookResponse.From(new Stored<WebhookEndpoint>(endpoint, ""));
}
