using LocalAzure.Cosmos.Storage;

namespace LocalAzure.Cosmos.Rest;

/// <summary>
/// Several operations in one request. Atomic ("Transactional batch operations"): all or none, in order, in one partition. Not atomic, as the SDKs' bulk
/// mode sends them: each succeeds or fails alone. Each operation is the request that does the same alone.
/// </summary>
internal sealed class BatchApi(DocumentsApi documents, Database database, Container container)
{
    // "Azure Cosmos DB service quotas": per-request limits of a transactional batch.
    private const int MaxOperations = 100;
    private const int MaxBytes = 2 * 1024 * 1024;

    public CosmosReply Apply(CosmosRequest request)
    {
        if (request.Body.Length > MaxBytes) { throw CosmosRefusal.TooLarge("a batch may have 2 MB"); }
        var isHybridRow = HybridRowBatch.IsIn(request.Body);
        // Both streams are in memory, so nothing is waited for.
        var operations = isHybridRow ? HybridRowBatch.Read(request.Body).GetAwaiter().GetResult() : JsonBatch.Read(request);
        if (operations.Count is 0 or > MaxOperations)
        {
            throw CosmosRefusal.BadRequest($"A batch must have 1 to {MaxOperations} operations, not {operations.Count}.");
        }
        var results = request.Flag("x-ms-cosmos-batch-atomic") ? Atomic(request, operations) : Each(request, operations);
        return new CosmosReply
        {
            Status = results.Exists(result => result.Failed) ? StatusCodes.Status207MultiStatus : StatusCodes.Status200OK,
            Body = isHybridRow ? HybridRowBatch.Write(results).GetAwaiter().GetResult() : JsonBatch.Write(results),
            ItemCount = results.Count,
            Charge = results.Sum(result => result.Charge),
            Owner = (database, container),
        };
    }

    private List<BatchResult> Atomic(CosmosRequest request, List<BatchOperation> operations)
    {
        var partition = PartitionKey.FromHeader(request.Header("x-ms-documentdb-partitionkey")
            ?? throw CosmosRefusal.BadRequest("A transactional batch needs the header x-ms-documentdb-partitionkey."));
        if (operations.Exists(one => one.PartitionKey is { } own && !PartitionKey.FromHeader(own).Bytes.AsSpan().SequenceEqual(partition.Bytes)))
        {
            throw CosmosRefusal.BadRequest("All operations of a transactional batch must have the batch's partition key.");
        }
        var requests = operations.ConvertAll(operation => operation.ToRequest(request));
        var results = new List<BatchResult>();
        var isDone = container.Store.Atomically(() =>
        {
            foreach (var one in requests)
            {
                results.Add(One(one));
                if (results[^1].Failed) { return false; }
            }
            return true;
        });
        return isDone ? results : [.. requests.Select((_, i) => i == results.Count - 1 ? results[i] : BatchResult.FailedDependency)];
    }

    private List<BatchResult> Each(CosmosRequest request, List<BatchOperation> operations)
    {
        var goesOn = request.Flag("x-ms-cosmos-batch-continue-on-error");
        var results = new List<BatchResult>();
        foreach (var operation in operations)
        {
            var isLeftOut = !goesOn && results.Exists(result => result.Failed);
            results.Add(isLeftOut ? BatchResult.FailedDependency : One(operation.ToRequest(request)));
        }
        return results;
    }

    private BatchResult One(CosmosRequest operation)
    {
        try
        {
            var isOne = operation.Method != "POST";
            return BatchResult.Of(isOne ? documents.One(operation, operation.Segments[^1]) : documents.All(operation));
        }
        // What is not implemented is the whole batch's refusal, or it would read as the operation's own.
        catch (CosmosRefusal refusal) when (refusal.Status != System.Net.HttpStatusCode.NotImplemented) { return BatchResult.Of(refusal); }
    }
}
