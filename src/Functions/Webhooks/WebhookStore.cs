using CustomerFunctions.Audit;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared;
using CustomerFunctions.Shared.Azure;
using Microsoft.Azure.Cosmos;

namespace CustomerFunctions.Webhooks;

/// <summary>Endpoints and their deliveries, in the partition of their customer.</summary>
internal sealed class WebhookStore(AzureClients azure)
{
    private readonly Documents documents = new(azure, "customers");

    public async Task<Stored<WebhookEndpoint>?> Read(string customerId, string id, CancellationToken cancellation) =>
        await documents.Read(customerId, id, StoreJson.Default.WebhookEndpoint, cancellation) is { Value: { Type: WebhookEndpoint.DocumentType, Status: not WebhookStatus.Deleted } } endpoint ? endpoint : null;

    public Task<Stored<WebhookEndpoint>?> TryCreate(WebhookEndpoint endpoint, CancellationToken cancellation) =>
        documents.TryCreate(endpoint.CustomerId, endpoint, StoreJson.Default.WebhookEndpoint, cancellation);

    public Task<Stored<WebhookEndpoint>?> TryReplace(Stored<WebhookEndpoint> before, WebhookEndpoint after, CancellationToken cancellation) =>
        documents.TryReplace(after.CustomerId, before, after, StoreJson.Default.WebhookEndpoint, cancellation);

    public Task<Stored<WebhookEndpoint>> Flush(Outbox outbox, Stored<WebhookEndpoint> endpoint, CancellationToken cancellation) => outbox.Flush(documents, endpoint.Value.CustomerId, endpoint, cancellation);

    /// <summary>All of a customer's endpoints, in the order they were made. There are few.</summary>
    public async Task<IReadOnlyList<Stored<WebhookEndpoint>>> All(string customerId, CancellationToken cancellation) =>
        await Each(customerId, cancellation).Where(endpoint => endpoint.Value.Status != WebhookStatus.Deleted).ToListAsync(cancellation);

    /// <summary>All of a customer's endpoints that are stored, those that were deleted in the last day too.</summary>
    public IAsyncEnumerable<Stored<WebhookEndpoint>> Each(string customerId, CancellationToken cancellation)
    {
        var query = new QueryDefinition("SELECT * FROM c WHERE c.type = @type ORDER BY c.createdAt").WithParameter("@type", WebhookEndpoint.DocumentType);
        return Pages.Each(from => documents.Query(query, customerId, 100, from, StoreJson.Default.DocumentFeedWebhookEndpoint, cancellation), cancellation);
    }

    /// <summary>The deliveries of all of a customer's endpoints, of deleted ones too.</summary>
    public IAsyncEnumerable<Stored<WebhookDelivery>> EachDelivery(string customerId, CancellationToken cancellation)
    {
        var query = new QueryDefinition("SELECT * FROM c WHERE c.type = @type").WithParameter("@type", WebhookDelivery.DocumentType);
        return Pages.Each(from => documents.Query(query, customerId, 100, from, StoreJson.Default.DocumentFeedWebhookDelivery, cancellation), cancellation);
    }

    /// <summary>Takes a place for one more endpoint; false when the customer has as many as it can.</summary>
    public async Task<bool> TryTakePlace(string customerId, string endpointId, DateTimeOffset now, CancellationToken cancellation)
    {
        var id = WebhookPlaces.IdOf(customerId);
        while (true)
        {
            var endpoints = await All(customerId, cancellation);
            var places = await documents.Read(customerId, id, StoreJson.Default.WebhookPlaces, cancellation);
            var before = places?.Value ?? WebhookPlaces.Of(customerId, endpoints.Select(endpoint => endpoint.Value));
            if (before.With(endpointId, endpoints.Select(endpoint => endpoint.Value.Id).ToHashSet(), now) is not { } after) { return false; }
            if (ReferenceEquals(after, places?.Value)) { return true; }
            var taken = places is null
                ? await documents.TryCreate(customerId, after, StoreJson.Default.WebhookPlaces, cancellation)
                : await documents.TryReplace(customerId, places, after, StoreJson.Default.WebhookPlaces, cancellation);
            if (taken is not null) { return true; }
        }
    }

    /// <summary>Gives the place of an endpoint back that was removed. Should it not come to that, <see cref="WebhookPlaces.With"/> finds the endpoint gone.</summary>
    public async Task GiveUpPlace(string customerId, string endpointId, CancellationToken cancellation)
    {
        Stored<WebhookPlaces>? given = null;
        while (given is null && await documents.Read(customerId, WebhookPlaces.IdOf(customerId), StoreJson.Default.WebhookPlaces, cancellation) is { } places)
        {
            var after = places.Value.Without(endpointId);
            given = ReferenceEquals(after, places.Value) ? places : await documents.TryReplace(customerId, places, after, StoreJson.Default.WebhookPlaces, cancellation);
        }
    }

    /// <summary>The next endpoints with deliveries to make, longest overdue first. Reads those and no others.</summary>
    public Task<IReadOnlyList<Stored<WebhookEndpoint>>> DueAcrossCustomers(DateTimeOffset now, int count, CancellationToken cancellation) =>
        documents.Due("deliveryDueAt", now, count, StoreJson.Default.DocumentFeedWebhookEndpoint, cancellation);

    /// <summary>Adds a delivery, if it is not there already, and has the timer look at its endpoint. In this order: a delivery that nobody looks at would be lost.</summary>
    public async Task Queue(WebhookDelivery delivery, CancellationToken cancellation)
    {
        await documents.TryCreate(delivery.CustomerId, delivery, StoreJson.Default.WebhookDelivery, cancellation);
        await Wake(delivery.CustomerId, delivery.EndpointId, delivery.StartedAt, cancellation);
    }

    /// <summary>Has the timer look at an endpoint, at <paramref name="at"/> at the latest.</summary>
    public Task Wake(string customerId, string endpointId, DateTimeOffset at, CancellationToken cancellation) => documents.TryPatch(
        customerId, endpointId, [PatchOperation.Set("/deliveryDueAt", InstantConverter.Text(at))],
        $"FROM c WHERE c.status = 'active' AND (NOT IS_DEFINED(c.deliveryDueAt) OR c.deliveryDueAt > '{InstantConverter.Text(at)}')", cancellation);

    /// <summary>Sets when an endpoint is to be looked at next, or never; false when somebody has set it to something else than <paramref name="from"/> meanwhile. Its ETag stays.</summary>
    public Task<bool> TrySchedule(WebhookEndpoint endpoint, DateTimeOffset from, DateTimeOffset? until, CancellationToken cancellation) => documents.TryPatch(
        endpoint.CustomerId, endpoint.Id, [until is { } due ? PatchOperation.Set("/deliveryDueAt", InstantConverter.Text(due)) : PatchOperation.Remove("/deliveryDueAt")],
        $"FROM c WHERE c.deliveryDueAt = '{InstantConverter.Text(from)}'", cancellation);

    public Task Throttle(WebhookEndpoint endpoint, DateTimeOffset until, CancellationToken cancellation) => documents.TryPatch(
        endpoint.CustomerId, endpoint.Id, [PatchOperation.Set("/throttledUntil", InstantConverter.Text(until))], "FROM c WHERE c.status = 'active'", cancellation);

    public async Task<Stored<WebhookDelivery>?> ReadDelivery(string customerId, string id, CancellationToken cancellation) =>
        await documents.Read(customerId, id, StoreJson.Default.WebhookDelivery, cancellation) is { Value.Type: WebhookDelivery.DocumentType } delivery ? delivery : null;

    public Task<Stored<WebhookDelivery>?> TryReplace(Stored<WebhookDelivery> before, WebhookDelivery after, CancellationToken cancellation) =>
        documents.TryReplace(after.CustomerId, before, after, StoreJson.Default.WebhookDelivery, cancellation);

    /// <summary>The deliveries of an endpoint whose next attempt is due; with <paramref name="now"/> null, all that have one, the next first.</summary>
    public async Task<IReadOnlyList<Stored<WebhookDelivery>>> NextDeliveries(WebhookEndpoint endpoint, DateTimeOffset? now, int count, CancellationToken cancellation)
    {
        var due = now is null ? "" : " AND c.nextAttemptAt <= @now";
        var query = new QueryDefinition($"SELECT * FROM c WHERE c.type = @type AND c.endpointId = @endpoint AND c.status = 'pending'{due} ORDER BY c.nextAttemptAt")
            .WithParameter("@type", WebhookDelivery.DocumentType).WithParameter("@endpoint", endpoint.Id);
        if (now is { } instant) { query.WithParameter("@now", InstantConverter.Text(instant)); }
        return (await documents.Query(query, endpoint.CustomerId, count, continuation: null, StoreJson.Default.DocumentFeedWebhookDelivery, cancellation)).Items;
    }

    /// <summary>An endpoint's deliveries, newest first.</summary>
    public Task<Page<WebhookDelivery>> ListDeliveries(string customerId, string endpointId, string? status, int pageSize, string? continuation, CancellationToken cancellation)
    {
        var (where, order) = status is null ? ("", "") : (" AND c.status = @status", ", c.status DESC");
        var query = new QueryDefinition($"SELECT * FROM c WHERE c.type = @type AND c.endpointId = @endpoint{where} ORDER BY c.type DESC{order}, c.createdAt DESC, c.id DESC")
            .WithParameter("@type", WebhookDelivery.DocumentType).WithParameter("@endpoint", endpointId);
        if (status is not null) { query.WithParameter("@status", status); }
        return documents.Query(query, customerId, pageSize, continuation, StoreJson.Default.DocumentFeedWebhookDelivery, cancellation);
    }
}
