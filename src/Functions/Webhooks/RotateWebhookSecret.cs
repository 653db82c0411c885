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
        string customerId, string webhookId, Caller caller, WebhookStore store, EndpointSecrets secrets, Outbox outbox, NewIds ids, TimeProvider clock, HttpResponse response, CancellationToken cancellation)
    {
        var rotation = ids.Rotation();
        Stored<WebhookEndpoint>? rotated = null;
        (string Version, string Text)? made = null;
        while (rotated is null)
        {
            if (await GetWebhook.Find(customerId, webhookId, store, cancellation) is not { } endpoint)
            {
                // Deleted meanwhile, and its secret may have been brought back since.
                if (made is not null) { await secrets.Delete(webhookId, cancellation); }
                return Failures.NotFound("webhook");
            }
            if (endpoint.Value.SecretRotation == rotation)
            {
                // A request that is repeated finds what it made the first time (see NewIds), under a secret that nobody got.
                (rotated, made) = (endpoint, (endpoint.Value.SecretVersion, StandardWebhook.SecretText(await secrets.Read(webhookId, endpoint.Value.SecretVersion, cancellation))));
                break;
            }
            if (!endpoint.Value.MayRotateSecret(clock.GetUtcNow())) { return Failures.TooManySecretsInGrace(WebhookEndpoint.MostRetired); }
            made ??= await secrets.Create(customerId, webhookId, cancellation);
            rotated = await store.TryReplace(endpoint, endpoint.Value.RotateSecret(made.Value.Version, rotation, clock.GetUtcNow()).Recorded("webhook.secretRotated", endpoint.Value, caller, clock), cancellation);
        }
        rotated = await store.Flush(outbox, rotated, cancellation);
        response.Headers.ETag = rotated.ETag;
        return TypedResults.Ok(new WebhookWithSecret(WebhookResponse.From(rotated), made!.Value.Text));
    }
}
