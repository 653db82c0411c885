using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using CustomerFunctions.Edge;
using CustomerFunctions.ServiceAccounts;
using CustomerFunctions.Shared.Azure;
using Microsoft.Azure.Cosmos;

namespace CustomerFunctions.Tests.RotationExploration;

/// <summary>Cosmos DB at the SDK's own seam for tests: the product's <see cref="Documents"/> and its ETags, without the SDK's gateway.</summary>
internal sealed class ExploredCosmos(Func<World> world) : CosmosClient
{
    public override Database GetDatabase(string id) => new ExploredDatabase(world);

    /// <summary>There is nothing to be closed, and the SDK's own method fails on a client that its constructor for tests has made.</summary>
#pragma warning disable CA2215
    protected override void Dispose(bool disposing)
    {
    }
#pragma warning restore CA2215
}

internal sealed class ExploredDatabase(Func<World> world) : PartialDatabase
{
    public override string Id => "customers";

    public override Container GetContainer(string id) => new ExploredContainer(world, id);
}

internal sealed class ExploredContainer(Func<World> world, string containerId) : PartialContainer
{
    private static readonly byte[] NoDocuments = "{\"Documents\":[]}"u8.ToArray();

    public override string Id => containerId;

    public override Task<ResponseMessage> ReadItemStreamAsync(string id, PartitionKey partitionKey, ItemRequestOptions? requestOptions = null, CancellationToken cancellationToken = default) => Send(
        "read", id, changes: false, state => state.Documents.TryGetValue(Key(id), out var found) ? Answer(HttpStatusCode.OK, found.ETag, found.Json) : Answer(HttpStatusCode.NotFound), cancellationToken);

    public override Task<ResponseMessage> CreateItemStreamAsync(Stream streamPayload, PartitionKey partitionKey, ItemRequestOptions? requestOptions = null, CancellationToken cancellationToken = default)
    {
        var json = Bytes(streamPayload);
        var id = IdOf(json);
        return Send("create", id, changes: true, state => state.Documents.ContainsKey(Key(id)) ? Answer(HttpStatusCode.Conflict) : Write(state, id, json), cancellationToken);
    }

    public override Task<ResponseMessage> ReplaceItemStreamAsync(
        Stream streamPayload, string id, PartitionKey partitionKey, ItemRequestOptions? requestOptions = null, CancellationToken cancellationToken = default)
    {
        var json = Bytes(streamPayload);
        var etag = requestOptions?.IfMatchEtag;
        return Send("replace", id, changes: true, Replace, cancellationToken);

        ResponseMessage Replace(CloudState state) =>
            Unless(state, id, etag) is not { } refusal ? Write(state, id, json) : world().PutsBackUnclaimed && IsClaimOfRetirement(id, json) ? Answer(HttpStatusCode.OK, etag) : refusal;
    }

    public override Task<ResponseMessage> DeleteItemStreamAsync(string id, PartitionKey partitionKey, ItemRequestOptions? requestOptions = null, CancellationToken cancellationToken = default)
    {
        var etag = requestOptions?.IfMatchEtag;
        return Send("delete", id, changes: true, state =>
        {
            if (Unless(state, id, etag) is { } refusal) { return refusal; }
            state.Documents.Remove(Key(id));
            return Answer(HttpStatusCode.NoContent);
        }, cancellationToken);
    }

    /// <summary>Of the patches the two that an outbox needs: it is taken out of the document that was written.</summary>
    public override Task<ResponseMessage> PatchItemStreamAsync(
        string id, PartitionKey partitionKey, IReadOnlyList<PatchOperation> patchOperations, PatchItemRequestOptions? requestOptions = null, CancellationToken cancellationToken = default)
    {
        var state = world().State;
        if (!state.Documents.TryGetValue(Key(id), out var found)) { return Task.FromResult(Answer(HttpStatusCode.NotFound)); }
        var document = JsonNode.Parse(found.Json)!.AsObject();
        if (requestOptions?.FilterPredicate?.Contains($"'{document["writeId"]}'", StringComparison.Ordinal) != true) { return Task.FromResult(Answer(HttpStatusCode.PreconditionFailed)); }
        foreach (var operation in patchOperations) { document.Remove(operation.Path[1..]); }
        return Task.FromResult(Write(state, id, JsonSerializer.SerializeToUtf8Bytes(document)));
    }

    /// <summary>Nobody is told of anything: the one query on the way is for the customer's webhooks.</summary>
    public override FeedIterator GetItemQueryStreamIterator(QueryDefinition queryDefinition, string? continuationToken = null, QueryRequestOptions? requestOptions = null) => new Nothing();

    /// <summary>What is asked of the account and its customer waits for the world. Names, and what is told, have tests of their own.</summary>
    private Task<ResponseMessage> Send(string verb, string id, bool changes, Func<CloudState, ResponseMessage> effect, CancellationToken cancellation)
    {
        if (containerId != "customers" || !(id.StartsWith("sva_", StringComparison.Ordinal) || id.StartsWith("cus_", StringComparison.Ordinal) || id.StartsWith("use-", StringComparison.Ordinal)))
        {
            return Task.FromResult(effect(world().State));
        }
        var what = id.StartsWith("sva_", StringComparison.Ordinal) ? "account" : id.StartsWith("cus_", StringComparison.Ordinal) ? "customer" : "use";
        return world().Send(
            $"cosmos {verb} {what}", changes,
            () =>
            {
                var answer = effect(world().State);
                var account = changes && world().IsTraced ? world().State.Account : null;
                return (answer, $"{(int)answer.StatusCode}{(account is null ? "" : " " + world().Describe(account))}");
            },
            () => Answer(HttpStatusCode.ServiceUnavailable),
            static () => new CosmosException("No answer.", HttpStatusCode.RequestTimeout, 0, "", 0),
            cancellation);
    }

    private string Key(string id) => $"{containerId}/{id}";

    private ResponseMessage? Unless(CloudState state, string id, string? etag) =>
        !state.Documents.TryGetValue(Key(id), out var found) ? Answer(HttpStatusCode.NotFound)
        : etag is not null && etag != found.ETag ? Answer(HttpStatusCode.PreconditionFailed) : null;

    private ResponseMessage Write(CloudState state, string id, byte[] json)
    {
        var etag = string.Create(CultureInfo.InvariantCulture, $"\"{state.Next()}\"");
        var withETag = new byte[json.Length];
        json.CopyTo(withETag, 0);
        var account = id.StartsWith("sva_", StringComparison.Ordinal) ? JsonSerializer.Deserialize(json, StoreJson.Default.ServiceAccount) : null;
        state.Documents[Key(id)] = new StoredDocument(withETag, etag, account);
        return Answer(HttpStatusCode.OK, etag);
    }

    private static bool IsClaimOfRetirement(string id, byte[] json) =>
        id.StartsWith("sva_", StringComparison.Ordinal)
        && JsonSerializer.Deserialize(json, StoreJson.Default.ServiceAccount) is { LeasedUntil: not null, Rotation.Step: RotationStep.Settle or RotationStep.Retire };

    private static ResponseMessage Answer(HttpStatusCode status, string? etag = null, byte[]? body = null)
    {
        var answer = new ResponseMessage(status);
        if (etag is not null) { answer.Headers.Add("etag", etag); }
        if (body is not null) { answer.Content = new MemoryStream(body, writable: false); }
        return answer;
    }

    private static byte[] Bytes(Stream stream) => ((MemoryStream)stream).ToArray();

    private static string IdOf(byte[] json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.GetProperty("id").GetString()!;
    }

    private sealed class Nothing : FeedIterator
    {
        private bool isRead;

        public override bool HasMoreResults => !isRead;

        public override Task<ResponseMessage> ReadNextAsync(CancellationToken cancellationToken = default)
        {
            isRead = true;
            return Task.FromResult(Answer(HttpStatusCode.OK, body: NoDocuments));
        }
    }
}
