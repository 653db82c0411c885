using CustomerFunctions.Access;
using CustomerFunctions.Audit;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared.Azure;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Webhooks;

/// <summary>Removes an endpoint: from now on nothing is sent to it, and its secret is deleted.</summary>
internal static class DeleteWebhook
{
    public static async Task<Results<NoContent, Problem>> Handle(
        string customerId, string webhookId, Caller caller, WebhookStore store, EndpointSecrets secrets, Outbox outbox, TimeProvider clock, HttpRequest request, CancellationToken cancellation)
    {
        Stored<WebhookEndpoint>? deleted = null;
        while (deleted is null)
        {
            if (await GetWebhook.Find(customerId, webhookId, store, cancellation) is not { } endpoint) { return Failures.NotFound("webhook"); }
            if (Preconditions.Check(request, endpoint.ETag) is { } precondition) { return precondition; }
            // First the secret: an endpoint without one sends nothing, and is still there for this request to be repeated.
            await secrets.Delete(webhookId, cancellation);
            deleted = await store.TryReplace(endpoint, endpoint.Value.Delete().Recorded("webhook.deleted", endpoint.Value, caller, clock), cancellation);
        }
        await store.Flush(outbox, deleted, cancellation);
        await store.GiveUpPlace(customerId, webhookId, cancellation);
        return TypedResults.NoContent();
    }
}
