using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.Webhooks;

/// <summary>An endpoint as callers see it.</summary>
/// <param name="Id">The endpoint.</param>
/// <param name="Etag">Send it as If-Match with a change.</param>
/// <param name="Url">Where messages go.</param>
/// <param name="Description">What it is for.</param>
/// <param name="Events">The notices it gets; absent for all.</param>
/// <param name="Status">A disabled one gets nothing.</param>
/// <param name="DisabledReason">Why the app disabled it.</param>
/// <param name="PreviousSecretUntil">Until when messages carry a signature by the secret before this one too.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="CreatedBy">By whom.</param>
public sealed record WebhookResponse(
    string Id, string Etag, string Url, string? Description, IReadOnlyList<string>? Events, WebhookStatus Status, string? DisabledReason, DateTimeOffset? PreviousSecretUntil, DateTimeOffset CreatedAt, string CreatedBy)
{
    internal static WebhookResponse From(Stored<WebhookEndpoint> stored)
    {
        var of = stored.Value;
        return new(of.Id, stored.ETag, of.Url, of.Description, of.Events, of.Status, of.DisabledReason, of.PreviousSecretUntil, of.CreatedAt, of.CreatedBy);
    }
}

/// <summary>An endpoint with its secret, which is shown this once.</summary>
/// <param name="Webhook">The endpoint.</param>
/// <param name="Secret">What its messages are signed by, as Standard Webhooks writes it. Keep it now; it cannot be shown again.</param>
public sealed record WebhookWithSecret(WebhookResponse Webhook, string Secret);

/// <summary>A message and what came of it.</summary>
/// <param name="Id">The message; it is the <c>webhook-id</c> that the receiver gets.</param>
/// <param name="WebhookId">The endpoint.</param>
/// <param name="Type">What it tells of.</param>
/// <param name="Status">A failed one is given up until it is sent again by hand.</param>
/// <param name="Body">What is sent, as the text that is signed.</param>
/// <param name="Attempts">How often it was tried since its schedule began.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="LastAttemptAt">When it was last tried.</param>
/// <param name="LastStatus">What the receiver answered.</param>
/// <param name="LastError">Why there was no answer: timeout, unreachable (no connection, for whatever reason), or no-secret when Key Vault did not give out what it is signed by.</param>
/// <param name="NextAttemptAt">When it is tried next.</param>
public sealed record DeliveryResponse(
    string Id, string WebhookId, string Type, DeliveryStatus Status, string Body, int Attempts, DateTimeOffset CreatedAt, DateTimeOffset? LastAttemptAt, int? LastStatus, string? LastError, DateTimeOffset? NextAttemptAt)
{
    internal static DeliveryResponse From(WebhookDelivery of) =>
        new(of.Id, of.EndpointId, of.Event, of.Status, of.Body, of.Attempts, of.CreatedAt, of.LastAttemptAt, of.LastStatus, of.LastError, of.NextAttemptAt);
}
