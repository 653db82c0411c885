using CustomerFunctions.Edge;
using CustomerFunctions.Shared;
using CustomerFunctions.Shared.Azure;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Webhooks;

/// <summary>Reads a delivery.</summary>
internal static class GetWebhookDelivery
{
    public static async Task<Results<Ok<DeliveryResponse>, Problem>> Handle(string customerId, string webhookId, string deliveryId, WebhookStore store, CancellationToken cancellation) =>
        await Find(customerId, webhookId, deliveryId, store, cancellation) is { } delivery ? TypedResults.Ok(DeliveryResponse.From(delivery.Value)) : Failures.NotFound("delivery");

    public static async Task<Stored<WebhookDelivery>?> Find(string customerId, string webhookId, string deliveryId, WebhookStore store, CancellationToken cancellation) =>
        Ids.IsValid(deliveryId, "dlv_") && await store.ReadDelivery(customerId, deliveryId, cancellation) is { } delivery && delivery.Value.EndpointId == webhookId ? delivery : null;
}
