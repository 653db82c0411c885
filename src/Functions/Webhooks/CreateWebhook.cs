using CustomerFunctions.Access;
using CustomerFunctions.Audit;
using CustomerFunctions.Edge;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Webhooks;

/// <summary>Makes an endpoint and its secret. This answer is the only place where the secret ever stands.</summary>
internal static class CreateWebhook
{
    public static async Task<Results<Created<WebhookWithSecret>, Problem>> Handle(
        string customerId, WebhookFields request, Caller caller, WebhookStore store, EndpointSecrets secrets, Outbox outbox, NewIds ids, AppSettings settings, TimeProvider clock, HttpResponse response, CancellationToken cancellation)
    {
        if (request.Check(settings.AllowLocalWebhooks) is { } invalid) { return invalid; }
        var id = ids.Webhook();
        if (!await store.TryTakePlace(customerId, id, clock.GetUtcNow(), cancellation)) { return Failures.TooManyWebhooks(WebhookPlaces.Most); }

        var (version, secret) = await secrets.Create(customerId, id, cancellation);
        var endpoint = new WebhookEndpoint
        {
            Id = id,
            Type = WebhookEndpoint.DocumentType,
            CustomerId = customerId,
            Url = request.Url!,
            Description = request.TrimmedDescription,
            Events = request.DistinctEvents,
            Status = request.Enabled == false ? WebhookStatus.Disabled : WebhookStatus.Active,
            SecretVersion = version,
            CreatedAt = clock.GetUtcNow(),
            CreatedBy = caller.Id,
        };
        var added = await store.TryCreate(endpoint.Recorded("webhook.created", null, caller, clock), cancellation);
        while (added is null)
        {
            // A request that is repeated finds what it made the first time (see NewIds), under a secret that nobody got.
            if (await store.Read(customerId, id, cancellation) is not { } made) { return Failures.NotFound("webhook"); }
            added = await store.TryReplace(made, made.Value with { SecretVersion = version }, cancellation);
        }
        added = await store.Flush(outbox, added, cancellation);
        response.Headers.ETag = added.ETag;
        return TypedResults.Created($"/api/customers/{customerId}/webhooks/{id}", new WebhookWithSecret(WebhookResponse.From(added), secret));
    }
}
