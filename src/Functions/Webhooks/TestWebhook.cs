using CustomerFunctions.Edge;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Webhooks;

/// <summary>Sends an endpoint a message of type <c>webhook.test</c>, the way all others go. What came of it is among its deliveries.</summary>
internal static class TestWebhook
{
    public static async Task<Results<Accepted<DeliveryResponse>, Problem>> Handle(string customerId, string webhookId, WebhookStore store, WebhookQueue queue, CancellationToken cancellation)
    {
        if (await GetWebhook.Find(customerId, webhookId, store, cancellation) is not { } endpoint) { return Failures.NotFound("webhook"); }
        if (endpoint.Value.Status != WebhookStatus.Active) { return Failures.WebhookDisabled(); }
        var delivery = await queue.SendTest(endpoint.Value, cancellation);
        return TypedResults.Accepted($"/api/customers/{customerId}/webhooks/{webhookId}/deliveries/{delivery.Id}", DeliveryResponse.From(delivery));
    }
}
