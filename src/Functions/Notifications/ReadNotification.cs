using CustomerFunctions.Access;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared;
using CustomerFunctions.Shared.Azure;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Notifications;

/// <summary>Marks a notification as read, for all of the customer's people. Reading it again changes nothing.</summary>
internal static class ReadNotification
{
    public static async Task<Results<Ok<NotificationResponse>, Problem>> Handle(
        string customerId, string notificationId, Caller caller, NotificationStore store, TimeProvider clock, CancellationToken cancellation)
    {
        if (!Ids.IsValid(notificationId, "ntf_")) { return Failures.NotFound("notification"); }
        Stored<Notification>? read = null;
        while (read is null)
        {
            if (await store.Read(customerId, notificationId, cancellation) is not { } found) { return Failures.NotFound("notification"); }
            var after = found.Value.MarkRead(caller.Id, clock.GetUtcNow());
            read = ReferenceEquals(after, found.Value) ? found : await store.TryReplace(found, after, cancellation);
        }
        return TypedResults.Ok(NotificationResponse.From(read.Value));
    }
}
