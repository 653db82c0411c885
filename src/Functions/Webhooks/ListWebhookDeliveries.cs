using CustomerFunctions.Edge;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Webhooks;

/// <summary>Lists what was sent to an endpoint in the last 30 days, newest first. Dead letters are those with <c>status=failed</c>.</summary>
internal static class ListWebhookDeliveries
{
    private static readonly string[] Parameters = ["status", "maxpagesize", "continuation"];

    public static async Task<Results<Ok<PageOf<DeliveryResponse>>, Problem>> Handle(
        string customerId, string webhookId, string? status, string? maxpagesize, string? continuation, WebhookStore store, HttpRequest request, CancellationToken cancellation)
    {
        var checks = new Checks();
        checks.Parameters(request, Parameters);
        if (status is not (null or "pending" or "delivered" or "failed")) { checks.Add("?status", "unknown-value", "Expected pending, delivered or failed."); }
        if (!Paging.TrySize(maxpagesize, out var size)) { checks.Add("?maxpagesize", "malformed", $"Expected a number from 1 to {Paging.MaxSize}."); }
        var list = $"deliveries|{customerId}|{webhookId}|{status}";
        if (!Paging.TryContinuation(request, continuation, list, out var from)) { checks.Add("?continuation", "malformed", "Expected what nextLink had, with the same filters."); }
        if (checks.Refusal is { } refusal) { return refusal; }
        if (await GetWebhook.Find(customerId, webhookId, store, cancellation) is null) { return Failures.NotFound("webhook"); }

        var page = await store.ListDeliveries(customerId, webhookId, status, size, from, cancellation);
        return TypedResults.Ok(new PageOf<DeliveryResponse>([.. page.Items.Select(item => DeliveryResponse.From(item.Value))], Paging.NextLink(request, list, page.Continuation), size));
    }
}
