using CustomerFunctions.Edge;
using CustomerFunctions.Shared.Azure;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Webhooks;

/// <summary>Sends a message again, under its old id and beginning the schedule anew. One that is still on its way is left to it.</summary>
internal static class ResendWebhookDelivery
{
    public static async Task<Results<Accepted<DeliveryResponse>, Problem>> Handle(string customerId, string webhookId, string deliveryId, WebhookStore store, TimeProvider clock, CancellationToken cancellation)
    {
        if (await GetWebhook.Find(customerId, webhookId, store, cancellation) is not { } endpoint) { return Failures.NotFound("webhook"); }
        if (endpoint.Value.Status != WebhookStatus.Active) { return Failures.WebhookDisabled(); }
        Stored<WebhookDelivery>? queued = null;
        while (queued is null)
        {
            if (await GetWebhookDelivery.Find(customerId, webhookId, deliveryId, store, cancellation) is not { } delivery) { return Failures.NotFound("delivery"); }
            var after = delivery.Value.Resend(clock.GetUtcNow());
            queued = ReferenceEquals(after, delivery.Value) ? delivery : await store.TryReplace(delivery, after, cancellation);
        }
        await store.Wake(customerId, webhookId, queued.Value.NextAttemptAt!.Value, cancellation);
        return TypedResults.Accepted($"/api/customers/{customerId}/webhooks/{webhookId}/deliveries/{deliveryId}", DeliveryResponse.From(queued.Value));
    }
}
