using CustomerFunctions.Edge;
using CustomerFunctions.Shared;
using CustomerFunctions.Shared.Azure;
using Microsoft.Azure.Cosmos;

namespace CustomerFunctions.Notifications;

/// <summary>Notifications in the partition of the customer that they are for.</summary>
internal sealed class NotificationStore(AzureClients azure)
{
    /// <summary>Instances may differ by so much in what time it is, and in how long a notification takes to be written. What is listed again for it is known by its id.</summary>
    private static readonly TimeSpan Overlap = TimeSpan.FromMinutes(1);

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

    /// <summary>What a customer was told after <paramref name="anchor"/>, or shortly before it, in the order it was told.</summary>
    public Task<Page<Notification>> ListAfter(Notification anchor, int pageSize, string? continuation, CancellationToken cancellation)
    {
        var query = new QueryDefinition("SELECT * FROM c WHERE c.type = @type AND c.toldAt >= @since AND c.id != @anchor ORDER BY c.toldAt")
            .WithParameter("@type", Notification.DocumentType).WithParameter("@since", InstantConverter.Text((anchor.ToldAt ?? anchor.CreatedAt) - Overlap)).WithParameter("@anchor", anchor.Id);
        return documents.Query(query, anchor.CustomerId, pageSize, continuation, StoreJson.Default.DocumentFeedNotification, cancellation);
    }
}
