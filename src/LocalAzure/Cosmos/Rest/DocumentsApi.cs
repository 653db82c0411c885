using LocalAzure.Cosmos.Storage;

namespace LocalAzure.Cosmos.Rest;

/// <summary>Items: create, upsert, read, replace, delete. "Azure Cosmos DB: REST API reference, Documents".</summary>
internal sealed class DocumentsApi(Database database, Container container, TimeProvider clock)
{
    private static readonly string[] UnsupportedHeaders =
        ["x-ms-documentdb-pre-trigger-include", "x-ms-documentdb-post-trigger-include", "x-ms-cosmos-start-epk"];

    private readonly ContainerStore store = container.Store;

    public CosmosReply All(CosmosRequest request)
    {
        CheckHeaders(request);
        return request.Method switch
        {
            "GET" when request.IsChangeFeed => new ChangeFeedApi(database, container).Read(request),
            "GET" => new QueryApi(database, container, clock).Feed(request),
            "POST" when request.Flag("x-ms-cosmos-is-batch-request") => new BatchApi(this, database, container).Apply(request),
            "POST" when request.IsQueryPlan => new QueryApi(database, container, clock).Plan(request),
            "POST" when request.IsQuery => new QueryApi(database, container, clock).Query(request),
            "POST" => Write(request, request.IsUpsert ? WriteKind.Upsert : WriteKind.Create),
            _ => throw CosmosRefusal.NotImplemented($"{request.Method} on items"),
        };
    }

    public CosmosReply One(CosmosRequest request, string id)
    {
        CheckHeaders(request);
        return request.Method switch
        {
            "GET" => Get(request, id),
            "PUT" => Write(request, WriteKind.Replace, id),
            "DELETE" => Delete(request, id),
            "PATCH" => Answer(request, PatchApi.Apply(request, store, Partition(request), id, clock)),
            _ => throw CosmosRefusal.NotImplemented($"{request.Method} on an item"),
        };
    }

    /// <summary>
    /// "Delete items by partition key value": the service hides the items at once and clears them away later; here both happen at once.
    /// </summary>
    public CosmosReply DeletePartition(CosmosRequest request)
    {
        if (request.Method != "POST") { throw CosmosRefusal.NotImplemented($"{request.Method} on a delete by partition key"); }
        var charge = store.DeletePartition(Partition(request)).Sum(Charges.Delete);
        return new CosmosReply { Charge = Math.Max(1, charge), Owner = (database, container) };
    }

    private CosmosReply Get(CosmosRequest request, string id)
    {
        var document = store.Find(Partition(request), id) ?? throw CosmosRefusal.NotFound();
        var etag = CosmosReply.Quote(document.ETag);
        var owner = (database, container);
        return request.HasSeen(etag)
            ? new CosmosReply { Status = StatusCodes.Status304NotModified, ETag = etag, Charge = 1, Owner = owner }
            : new CosmosReply { Body = document.Load(), ETag = etag, Charge = Charges.Read(document.Length), Owner = owner };
    }

    private CosmosReply Write(CosmosRequest request, WriteKind kind, string? id = null)
    {
        // A condition that nothing documents for writes must not be dropped in silence. On a create, '*' asks for what a create does anyway.
        if (request.IfNoneMatch is { } none && !(kind == WriteKind.Create && none == "*"))
        {
            throw CosmosRefusal.NotImplemented("If-None-Match on a write");
        }
        var body = DocumentBody.Parse(request.Body, store.Settings);
        if (!Partition(request).Bytes.AsSpan().SequenceEqual(body.PartitionKey.Bytes))
        {
            throw CosmosRefusal.PartitionKeyMismatch("PartitionKey extracted from document doesn't match the one specified in the header.");
        }
        if (id is not null && id != body.Id) { throw CosmosRefusal.BadRequest("The id of the item differs from the id in the address."); }
        return Answer(request, store.Write(kind, body, request.IfMatch));
    }

    private CosmosReply Answer(CosmosRequest request, Written written) => new()
    {
        Status = written.Created ? StatusCodes.Status201Created : StatusCodes.Status200OK,
        Body = request.WantsNoBody ? default(ReadOnlyMemory<byte>) : written.Body,
        ETag = CosmosReply.Quote(written.Document.ETag),
        Charge = Charges.Write(written.Body.Length),
        Owner = (database, container),
    };

    private CosmosReply Delete(CosmosRequest request, string id)
    {
        var length = store.Delete(Partition(request), id, request.IfMatch);
        return new CosmosReply { Status = StatusCodes.Status204NoContent, Charge = Charges.Delete(length), Owner = (database, container) };
    }

    private static PartitionKey Partition(CosmosRequest request) => request.Header("x-ms-documentdb-partitionkey") is { } header
        ? PartitionKey.FromHeader(header)
        : throw CosmosRefusal.BadRequest("PartitionKey value must be supplied for this operation.");

    private void CheckHeaders(CosmosRequest request)
    {
        foreach (var name in UnsupportedHeaders)
        {
            if (request.Header(name) is not null) { throw CosmosRefusal.NotImplemented($"the header {name}"); }
        }
        if (request.Header("x-ms-indexing-directive") is { } directive && !directive.Equals("Default", StringComparison.OrdinalIgnoreCase))
        {
            throw CosmosRefusal.NotImplemented($"the indexing directive '{directive}'");
        }
        // A range that is gone is noticed before anything is done.
        RangesApi.Of(request, container);
    }
}
