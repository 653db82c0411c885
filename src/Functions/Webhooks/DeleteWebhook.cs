using CustomerFunctions.Access;
using CustomerFunctions.Audit;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared.Azure;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Webhooks;

/// <summary>Removes an endpoint: from now on nothing is sent to it, and the timer deletes its secret. One write says both, so there is no middle in which this could stop.</summary>
internal static class DeleteWebhook
{
    public static async Task<Results<NoContent, Problem>> Handle(
        string customerId, string webhookId, Caller caller, WebhookStore store, Outbox outbox, TimeProvider clock, HttpRequest request, CancellationToken cancellation)
    {
        Stored<WebhookEndpoint>? deleted = null;
        while (deleted is null)
        {
            if (await GetWebhook.Find(customerId, webhookId, store, cancellation) is not { } endpoint) { return Failures.NotFound("webhook"); }
            if (Preconditions.Check(request, endpoint.ETag) is { } precondition) { return precondition; }
            deleted = await store.TryReplace(endpoint, endpoint.Value.Delete(clock.GetUtcNow()).Recorded("webhook.deleted", endpoint.Value, caller, clock), cancellation);
        }
        await store.Flush(outbox, deleted, cancellation);
        await store.GiveUpPlace(customerId, webhookId, cancellation);
        return TypedResults.NoContent();
    }
}
