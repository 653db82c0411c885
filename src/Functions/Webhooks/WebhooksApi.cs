using CustomerFunctions.Access;
using CustomerFunctions.Edge;
using CustomerFunctions.Flags;
using CustomerFunctions.RateLimits;

namespace CustomerFunctions.Webhooks;

/// <summary>Where a customer's notices are sent, and the timer that sends them.</summary>
internal static class WebhooksApi
{
    public static void MapWebhooks(this IEndpointRouteBuilder app)
    {
        var webhooks = app.MapGroup("/api/customers/{customerId}/webhooks").WithTags("Webhooks");
        webhooks.MapPost("", CreateWebhook.Handle).WithName("CreateWebhook").Requires(Permission.WebhooksWrite).Takes(FeatureFlags.Webhooks).IsIdempotent().LimitsReveals().ProducesProblem(400).ProducesProblem(404).ProducesProblem(409);
        webhooks.MapGet("", ListWebhooks.Handle).WithName("ListWebhooks").Requires(Permission.WebhooksRead).ProducesProblem(404);
        webhooks.MapGet("{webhookId}", GetWebhook.Handle).WithName("GetWebhook").HasETag().Requires(Permission.WebhooksRead).ProducesProblem(404);
        webhooks.MapPatch("{webhookId}", PatchWebhook.Handle).WithName("PatchWebhook").Requires(Permission.WebhooksWrite).Takes(FeatureFlags.Webhooks).Accepts<WebhookFields>("application/merge-patch+json")
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(412).ProducesProblem(428);
        webhooks.MapDelete("{webhookId}", DeleteWebhook.Handle).WithName("DeleteWebhook").Requires(Permission.WebhooksWrite).ProducesProblem(400).ProducesProblem(404).ProducesProblem(412).ProducesProblem(428);
        webhooks.MapPost("{webhookId}/rotate-secret", RotateWebhookSecret.Handle).WithName("RotateWebhookSecret").Requires(Permission.WebhooksWrite).Takes(FeatureFlags.Webhooks).IsIdempotent().LimitsReveals().ProducesProblem(404);
        webhooks.MapPost("{webhookId}/test", TestWebhook.Handle).WithName("TestWebhook").Requires(Permission.WebhooksWrite).Takes(FeatureFlags.Webhooks).ProducesProblem(404).ProducesProblem(409);
        webhooks.MapGet("{webhookId}/deliveries", ListWebhookDeliveries.Handle).WithName("ListWebhookDeliveries").Requires(Permission.WebhooksRead).ProducesProblem(400).ProducesProblem(404);
        webhooks.MapGet("{webhookId}/deliveries/{deliveryId}", GetWebhookDelivery.Handle).WithName("GetWebhookDelivery").Requires(Permission.WebhooksRead).ProducesProblem(404);
        webhooks.MapPost("{webhookId}/deliveries/{deliveryId}/resend", ResendWebhookDelivery.Handle).WithName("ResendWebhookDelivery").Requires(Permission.WebhooksWrite).Takes(FeatureFlags.Webhooks).ProducesProblem(404).ProducesProblem(409);

        app.MapPost("/" + nameof(SendWebhooks), SendWebhooks.Handle).IsTimer(nameof(SendWebhooks), "WebhookSchedule");
    }
}
