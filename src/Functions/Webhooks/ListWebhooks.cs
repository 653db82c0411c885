using CustomerFunctions.Edge;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Webhooks;

/// <summary>Lists a customer's endpoints: all of them, there are few.</summary>
internal static class ListWebhooks
{
    public static async Task<Ok<PageOf<WebhookResponse>>> Handle(string customerId, WebhookStore store, CancellationToken cancellation) =>
        TypedResults.Ok(new PageOf<WebhookResponse>([.. (await store.All(customerId, cancellation)).Select(WebhookResponse.From)], NextLink: null));
}
