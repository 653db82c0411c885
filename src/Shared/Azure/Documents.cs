using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Azure.Cosmos;

namespace CustomerFunctions.Shared.Azure;

/// <summary>What every stored document has. Fields that this version does not know survive a read and a write.</summary>
public abstract record Document
{
    [JsonPropertyOrder(-3)]
    public required string Id { get; init; }

    /// <summary>What kind of document this is; each has its own value.</summary>
    [JsonPropertyOrder(-2)]
    public required string Type { get; init; }

    [JsonPropertyOrder(-1)]
    public int SchemaVersion { get; init; } = 1;

    /// <summary>
    /// Marks one change. A write whose answer was lost and that the SDK sent again looks like a conflict; when the stored document carries the mark, it was ours. What is not
    /// a change to anybody, such as an emptied outbox, keeps the mark; so it is also the ETag that callers see.
    /// </summary>
    public string? WriteId { get; init; }

    /// <summary>Counts the changes, from 1; documents of earlier versions begin with their next change.</summary>
    public long Revision { get; init; }

    /// <summary>What is to be told elsewhere about this document's changes and has not been told yet: it is stored in the same write as the change, so neither can be lost alone.</summary>
    public IReadOnlyList<JsonElement>? Outbox { get; init; }

    /// <summary>When a timer must look after the outbox, should the request that filled it not have emptied it; absent when it is empty, so the index holds leftovers only.</summary>
    public DateTimeOffset? OutboxDueAt { get; init; }

    /// <summary>Seconds after its last write at which the store removes the document by itself; null for never.</summary>
    public int? Ttl { get; init; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; set; }
}

/// <summary>A document as it was read or written.</summary>
/// <param name="Value">The document.</param>
/// <param name="StoreETag">The store's own ETag, which guards the next write.</param>
public sealed record Stored<T>(T Value, string StoreETag)
    where T : Document
{
    /// <summary>The ETag for callers: another one after every change, the same one after housekeeping.</summary>
    public string ETag => Value.WriteId is { } id ? $"\"{id}\"" : StoreETag;
}

/// <summary>One page of a list, and where the next one starts; null on the last.</summary>
public sealed record Page<T>(IReadOnlyList<Stored<T>> Items, string? Continuation)
    where T : Document;

/// <summary>What was read is older than what is known to have been written: another instance's write has not arrived here yet, and a later try finds it.</summary>
public sealed class StaleReadException(string what) : Exception($"{what} was read as it had been before.");

/// <summary>The store does not take a continuation: it was made up, or is from before a change of the store.</summary>
public sealed class ContinuationRefusedException() : Exception("The store refused the continuation.");

/// <summary>
/// One Cosmos DB container as the stores use it: point operations and queries over streams, serialised by source-generated System.Text.Json. Expected refusals
/// (absent, exists, changed meanwhile) are results; everything else is a <see cref="CosmosException"/> for the one edge that handles those.
/// No call outlasts its cancellation: in gateway mode the SDK takes no timeout below 65 seconds, and what its requests share
/// (tokens, and the account's, containers' and ranges' descriptions) waits for no caller's. A write that is given up may still arrive.
/// </summary>
public sealed class Documents(AzureClients azure, string containerId)
{
    private static readonly ItemRequestOptions NoContent = new() { EnableContentResponseOnWrite = false };

    /// <summary>Whether the store has refused a write for good, so that it cannot have been carried out.</summary>
    public static bool HasRefused(Exception exception) => exception is CosmosException
    {
        StatusCode: HttpStatusCode.BadRequest or HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.NotFound or HttpStatusCode.RequestEntityTooLarge,
    };

    private Container Container => azure.Database.GetContainer(containerId);

    public async Task<Stored<T>?> Read<T>(string partition, string id, JsonTypeInfo<T> json, CancellationToken cancellation)
        where T : Document
    {
        using var response = await Container.ReadItemStreamAsync(id, new PartitionKey(partition), cancellationToken: cancellation).WaitAsync(cancellation);
        if (response.StatusCode == HttpStatusCode.NotFound) { return null; }
        response.EnsureSuccessStatusCode();
        return new Stored<T>(JsonSerializer.Deserialize(response.Content, json)!, response.Headers.ETag);
    }

    /// <summary>Creates the document; null when the id is taken by somebody else's document.</summary>
    public async Task<Stored<T>?> TryCreate<T>(string partition, T document, JsonTypeInfo<T> json, CancellationToken cancellation)
        where T : Document => await CreateOrRead(partition, document, json, cancellation) is { IsNew: true } created ? created.Stored : null;

    /// <summary>Creates the document, or reads the one that has its id; null when that one is gone again.</summary>
    public async Task<(Stored<T>? Stored, bool IsNew)> CreateOrRead<T>(string partition, T document, JsonTypeInfo<T> json, CancellationToken cancellation)
        where T : Document
    {
        document = document with { WriteId = Guid.CreateVersion7().ToString("N"), Revision = document.Revision + 1 };
        using var body = Serialize(document, json);
        using var response = await Container.CreateItemStreamAsync(body, new PartitionKey(partition), NoContent, cancellation).WaitAsync(cancellation);
        if (response.StatusCode == HttpStatusCode.Conflict)
        {
            var stored = await Read(partition, document.Id, json, cancellation);
            return (stored, stored?.Value.WriteId == document.WriteId);
        }
        response.EnsureSuccessStatusCode();
        return (new Stored<T>(document, response.Headers.ETag), true);
    }

    /// <summary>
    /// Replaces the document as it was read; null when it has changed or gone since. An outbox that was cleared meanwhile is no change: then it is tried again.
    /// </summary>
    public async Task<Stored<T>?> TryReplace<T>(string partition, Stored<T> before, T after, JsonTypeInfo<T> json, CancellationToken cancellation)
        where T : Document
    {
        after = after with { WriteId = Guid.CreateVersion7().ToString("N"), Revision = before.Value.Revision + 1 };
        for (var etag = before.StoreETag; ;)
        {
            using var body = Serialize(after, json);
            var options = new ItemRequestOptions { IfMatchEtag = etag, EnableContentResponseOnWrite = false };
            using var response = await Container.ReplaceItemStreamAsync(body, after.Id, new PartitionKey(partition), options, cancellation).WaitAsync(cancellation);
            if (response.StatusCode == HttpStatusCode.NotFound) { return null; }
            if (response.StatusCode != HttpStatusCode.PreconditionFailed)
            {
                response.EnsureSuccessStatusCode();
                return new Stored<T>(after, response.Headers.ETag);
            }
            var stored = await Read(partition, after.Id, json, cancellation);
            if (stored?.Value.WriteId == after.WriteId) { return stored; }
            var isOnlyCleared = before.Value.Outbox is not null && stored?.Value is { Outbox: null, WriteId: { } id } && id == before.Value.WriteId;
            if (!isOnlyCleared) { return null; }
            etag = stored!.StoreETag;
        }
    }

    /// <summary>Changes parts of a document, whatever its ETag; false when it is gone or <paramref name="condition"/> (FROM c WHERE …) does not hold. The ETag that callers see stays.</summary>
    public async Task<bool> TryPatch(string partition, string id, IReadOnlyList<PatchOperation> operations, string condition, CancellationToken cancellation) =>
        await PatchUnread(partition, id, operations, condition, cancellation) is not null;

    /// <summary>
    /// Patches the document, whatever it has become, and returns it; null with 404 when there is none and with 412 when <paramref name="condition"/> does not hold. It is not marked with a
    /// <see cref="Document.WriteId"/>: what is patched must bear to be patched twice.
    /// </summary>
    public async Task<(HttpStatusCode Status, Stored<T>? Patched)> Patch<T>(
        string partition, string id, IReadOnlyList<PatchOperation> operations, string? condition, JsonTypeInfo<T> json, CancellationToken cancellation)
        where T : Document
    {
        var options = new PatchItemRequestOptions { FilterPredicate = condition, EnableContentResponseOnWrite = true };
        using var response = await Container.PatchItemStreamAsync(id, new PartitionKey(partition), operations, options, cancellation).WaitAsync(cancellation);
        if (response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.PreconditionFailed) { return (response.StatusCode, null); }
        response.EnsureSuccessStatusCode();
        return (response.StatusCode, new Stored<T>(JsonSerializer.Deserialize(response.Content, json)!, response.Headers.ETag));
    }

    /// <summary>Takes the outbox out of a document, unless the document has changed since it was written: then its new outbox has the same in it, and more.</summary>
    public async Task<Stored<T>> ClearOutbox<T>(string partition, Stored<T> stored, CancellationToken cancellation)
        where T : Document
    {
        PatchOperation[] operations = [PatchOperation.Remove("/outbox"), PatchOperation.Remove("/outboxDueAt")];
        var etag = await PatchUnread(partition, stored.Value.Id, operations, $"FROM c WHERE c.writeId = '{stored.Value.WriteId}' AND IS_DEFINED(c.outbox)", cancellation);
        return new Stored<T>(stored.Value with { Outbox = null, OutboxDueAt = null }, etag ?? stored.StoreETag);
    }

    /// <summary>Deletes the document as it was read; false when it has changed since. A document that is gone already counts as deleted.</summary>
    public async Task<bool> TryDelete<T>(string partition, Stored<T> document, CancellationToken cancellation)
        where T : Document
    {
        using var response = await Container.DeleteItemStreamAsync(document.Value.Id, new PartitionKey(partition), new ItemRequestOptions { IfMatchEtag = document.StoreETag }, cancellation).WaitAsync(cancellation);
        if (response.StatusCode == HttpStatusCode.PreconditionFailed) { return false; }
        if (response.StatusCode != HttpStatusCode.NotFound) { response.EnsureSuccessStatusCode(); }
        return true;
    }

    /// <summary>One page of a query. With <paramref name="partition"/> null it asks every partition: staff lists and due work only, each on a composite index.</summary>
    public async Task<Page<T>> Query<T>(
        QueryDefinition query, string? partition, int pageSize, string? continuation, JsonTypeInfo<DocumentFeed<T>> json, CancellationToken cancellation)
        where T : Document
    {
        var options = new QueryRequestOptions { MaxItemCount = pageSize, PartitionKey = partition is null ? null : new PartitionKey(partition) };
        using var pages = Container.GetItemQueryStreamIterator(query, continuation, options);
        while (pages.HasMoreResults)
        {
            using var response = await pages.ReadNextAsync(cancellation).WaitAsync(cancellation);
            if (response.StatusCode == HttpStatusCode.BadRequest && continuation is not null) { throw new ContinuationRefusedException(); }
            response.EnsureSuccessStatusCode();
            var items = JsonSerializer.Deserialize(response.Content, json)!.Documents;
            // A page may come back empty while the service is still looking; only the last one may be empty for the caller.
            if (items.Count > 0 || response.ContinuationToken is null)
            {
                return new Page<T>([.. items.Select(item => new Stored<T>(item, ETagOf(item)))], response.ContinuationToken);
            }
        }
        return new Page<T>([], null);
    }

    /// <summary>The next documents of every partition that are due by an instant of theirs, longest overdue first. Documents without that property are not in its index, so the cost follows what is due.</summary>
    /// <param name="property">The instant's name; it has an index.</param>
    /// <param name="now">Now.</param>
    /// <param name="count">At most so many.</param>
    /// <param name="json">How they are read.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public async Task<IReadOnlyList<Stored<T>>> Due<T>(string property, DateTimeOffset now, int count, JsonTypeInfo<DocumentFeed<T>> json, CancellationToken cancellation)
        where T : Document
    {
        var query = new QueryDefinition($"SELECT * FROM c WHERE c.{property} <= @now ORDER BY c.{property}").WithParameter("@now", InstantConverter.Text(now));
        return (await Query(query, partition: null, count, continuation: null, json, cancellation)).Items;
    }

    /// <summary>The new ETag; null when it was not done.</summary>
    private async Task<string?> PatchUnread(string partition, string id, IReadOnlyList<PatchOperation> operations, string condition, CancellationToken cancellation)
    {
        var options = new PatchItemRequestOptions { FilterPredicate = condition, EnableContentResponseOnWrite = false };
        using var response = await Container.PatchItemStreamAsync(id, new PartitionKey(partition), operations, options, cancellation).WaitAsync(cancellation);
        if (response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.PreconditionFailed) { return null; }
        response.EnsureSuccessStatusCode();
        return response.Headers.ETag;
    }

    private static string ETagOf(Document item) => item.Unknown!["_etag"].GetString()!;

    private static MemoryStream Serialize<T>(T document, JsonTypeInfo<T> json) => new(JsonSerializer.SerializeToUtf8Bytes(document, json));
}

/// <summary>The envelope in which Cosmos DB returns a page.</summary>
public sealed record DocumentFeed<T>
    where T : Document
{
    [JsonPropertyName("Documents")]
    public required IReadOnlyList<T> Documents { get; init; }
}
