using CustomerFunctions.Edge;
using CustomerFunctions.Shared;
using CustomerFunctions.Shared.Azure;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Webhooks;

/// <summary>Reads an endpoint.</summary>
internal static class GetWebhook
{
    public static async Task<Results<Ok<WebhookResponse>, Problem>> Handle(string customerId, string webhookId, WebhookStore store, HttpResponse response, CancellationToken cancellation)
    {
        if (await Find(customerId, webhookId, store, cancellation) is not { } endpoint) { return Failures.NotFound("webhook"); }
        response.Headers.ETag = endpoint.ETag;
        return TypedResults.Ok(WebhookResponse.From(endpoint));
    }

    public static async Task<Stored<WebhookEndpoint>?> Find(string customerId, string webhookId, WebhookStore store, CancellationToken cancellation) =>
        Ids.IsValid(webhookId, "whk_") ? await store.Read(customerId, webhookId, cancellation) : null;
}
