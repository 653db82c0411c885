using System.Text.Json.Nodes;
using CustomerFunctions.Access;
using CustomerFunctions.Audit;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared.Azure;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Webhooks;

/// <summary>Changes an endpoint by an RFC 7396 merge patch. One that is enabled again gets what has waited for it.</summary>
internal static class PatchWebhook
{
    public static async Task<Results<Ok<WebhookResponse>, Problem>> Handle(
        string customerId, string webhookId, Caller caller, WebhookStore store, Outbox outbox, AppSettings settings, TimeProvider clock, HttpContext context, CancellationToken cancellation)
    {
        var (patch, malformed) = await RequestBody.ReadMergePatch(context.Request, cancellation);
        if (patch is null) { return malformed!; }
        Stored<WebhookEndpoint>? changed = null;
        // The timer may write to the document meanwhile without changing it for callers; the precondition decides, not the race.
        while (changed is null)
        {
            if (await GetWebhook.Find(customerId, webhookId, store, cancellation) is not { } endpoint) { return Failures.NotFound("webhook"); }
            if (Preconditions.Check(context.Request, endpoint.ETag) is { } precondition) { return precondition; }
            var (fields, refusal) = Merge(endpoint.Value, patch, settings);
            if (fields is null) { return refusal!; }
            var after = endpoint.Value with { Url = fields.Url!, Description = fields.TrimmedDescription, Events = fields.DistinctEvents };
            after = fields.Enabled == true ? after.Enable(clock.GetUtcNow()) : after.Disable(reason: null);
            changed = await store.TryReplace(endpoint, after.Recorded("webhook.updated", endpoint.Value, caller, clock), cancellation);
        }
        changed = await store.Flush(outbox, changed, cancellation);
        context.Response.Headers.ETag = changed.ETag;
        return TypedResults.Ok(WebhookResponse.From(changed));
    }

    private static (WebhookFields? Fields, Problem? Refusal) Merge(WebhookEndpoint endpoint, JsonObject patch, AppSettings settings)
    {
        var (fields, unfit) = RequestBody.Patch(new WebhookFields(endpoint.Url, endpoint.Description, endpoint.Events, endpoint.Status == WebhookStatus.Active), patch, ApiJson.Default.WebhookFields);
        if (fields is null) { return (null, unfit); }
        return (fields.Check(settings.AllowLocalWebhooks) ?? (fields.Enabled is null ? Failures.Invalid("/enabled", "required", "The field is required.") : null)) is { } invalid ? (null, invalid) : (fields, null);
    }
}
