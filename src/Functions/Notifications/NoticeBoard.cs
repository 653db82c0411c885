using CustomerFunctions.Audit;

namespace CustomerFunctions.Notifications;

/// <summary>
/// Tells of an event. It is called while the event still rides in the document that it changed, and again should that not be cleared: whatever it does, it does once however often it is called.
/// </summary>
internal sealed class NoticeBoard(NotificationStore notifications)
{
    public async Task Post(AuditEvent happened, CancellationToken cancellation)
    {
        if (happened.CustomerId is null || Notices.Find(happened.Action) is not { } notice) { return; }
        await notifications.Add(Notification.Of(happened, notice), cancellation);
    }
}
