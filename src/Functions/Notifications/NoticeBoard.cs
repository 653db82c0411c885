using CustomerFunctions.Audit;
using CustomerFunctions.Webhooks;

namespace CustomerFunctions.Notifications;

/// <summary>
/// Tells of an event. It is called while the event still rides in the document that it changed, and again should that not be cleared: whatever it does, it does once however often it is called.
/// </summary>
internal sealed class NoticeBoard(NotificationStore notifications, WebhookQueue webhooks, TimeProvider clock)
{
    public async Task Post(AuditEvent happened, CancellationToken cancellation)
    {
        if (happened.CustomerId is null || Notices.Find(happened.Action) is not { } notice) { return; }
        var notification = Notification.Of(happened, notice, clock.GetUtcNow());
        await notifications.Add(notification, cancellation);
        await webhooks.Send(notification, cancellation);
    }
}
