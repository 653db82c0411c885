using CustomerFunctions.Edge;
using CustomerFunctions.Shared.Azure;
using Microsoft.Azure.Cosmos;

namespace CustomerFunctions.Notifications;

/// <summary>Notifications in the partition of the customer that they are for.</summary>
internal sealed class NotificationStore(AzureClients azure)
{
    private readonly Documents documents = new(azure, "customers");

    /// <summary>Adds a notification; one that is there already stays as it is, read or not.</summary>
    public Task Add(Notification notification, CancellationToken cancellation) => documents.TryCreate(notification.CustomerId, notification, StoreJson.Default.Notification, cancellation);

    public async Task<Stored<Notification>?> Read(string customerId, string id, CancellationToken cancellation) =>
        await documents.Read(customerId, id, StoreJson.Default.Notification, cancellation) is { Value.Type: Notification.DocumentType } notification ? notification : null;

    public Task<Stored<Notification>?> TryReplace(Stored<Notification> before, Notification after, CancellationToken cancellation) =>
        documents.TryReplace(after.CustomerId, before, after, StoreJson.Default.Notification, cancellation);

    /// <summary>A customer's notifications, newest first.</summary>
    public Task<Page<Notification>> List(string customerId, bool unreadOnly, int pageSize, string? continuation, CancellationToken cancellation)
    {
        // What is compared for equality leads the order, which is how the composite indexes of customers serve here too.
        var (where, order) = unreadOnly ? (" AND c.status = 'unread'", ", c.status DESC") : ("", "");
        var query = new QueryDefinition($"SELECT * FROM c WHERE c.type = @type{where} ORDER BY c.type DESC{order}, c.createdAt DESC, c.id DESC").WithParameter("@type", Notification.DocumentType);
        return documents.Query(query, customerId, pageSize, continuation, StoreJson.Default.DocumentFeedNotification, cancellation);
    }
}
