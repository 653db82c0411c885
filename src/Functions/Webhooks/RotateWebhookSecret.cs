using CustomerFunctions.Access;
using CustomerFunctions.Audit;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared.Azure;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Webhooks;

/// <summary>Gives an endpoint another secret. For a day its messages carry a signature by each, so that a receiver can change over when it likes.</summary>
internal static class RotateWebhookSecret
{
    public static async Task<Results<Ok<WebhookWithSecret>, Problem>> Handle(
        string customerId, string webhookId, Caller caller, WebhookStore store, EndpointSecrets secrets, Outbox outbox, TimeProvider clock, HttpResponse response, CancellationToken cancellation)
    {
        if (await GetWebhook.Find(customerId, webhookId, store, cancellation) is null) { return Failures.NotFound("webhook"); }
        var (version, secret) = await secrets.Create(customerId, webhookId, cancellation);
        Stored<WebhookEndpoint>? rotated = null;
        while (rotated is null)
        {
            if (await GetWebhook.Find(customerId, webhookId, store, cancellation) is not { } endpoint) { return Failures.NotFound("webhook"); }
            rotated = await store.TryReplace(endpoint, endpoint.Value.RotateSecret(version, clock.GetUtcNow()).Recorded("webhook.secretRotated", endpoint.Value, caller, clock), cancellation);
        }
        rotated = await store.Flush(outbox, rotated, cancellation);
        response.Headers.CacheControl = "no-store";
        response.Headers.ETag = rotated.ETag;
        return TypedResults.Ok(new WebhookWithSecret(WebhookResponse.From(rotated), secret));
    }
}
