using CustomerFunctions.Access;

namespace CustomerFunctions.Notifications;

/// <summary>What a customer's people are told. Also while the customer is suspended: then most of all.</summary>
internal static class NotificationsApi
{
    public static void MapNotifications(this IEndpointRouteBuilder app)
    {
        var notifications = app.MapGroup("/api/customers/{customerId}/notifications").WithTags("Notifications");
        notifications.MapGet("", ListNotifications.Handle).WithName("ListNotifications").Requires(Permission.NotificationsRead).EvenWhenSuspended().ProducesProblem(400).ProducesProblem(404);
        notifications.MapPost("{notificationId}/read", ReadNotification.Handle).WithName("ReadNotification").Requires(Permission.NotificationsWrite).EvenWhenSuspended().ProducesProblem(404);
    }
}
