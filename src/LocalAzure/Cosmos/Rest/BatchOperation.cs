using System.Text;
using System.Text.Json;
using LocalAzure.Cosmos.Indexing;

namespace LocalAzure.Cosmos.Rest;

/// <summary>One operation of a batch, as both encodings have it.</summary>
internal sealed record BatchOperation
{
    /// <summary><c>Create</c>, <c>Upsert</c>, <c>Read</c>, <c>Replace</c>, <c>Patch</c> or <c>Delete</c>.</summary>
    public string Type { get; init; } = "";
    public string? Id { get; init; }
    /// <summary>The operation's own partition key, as the header of a single request has it.</summary>
    public string? PartitionKey { get; init; }
    public ReadOnlyMemory<byte> Body { get; init; }
    public string? IfMatch { get; init; }
    public string? IfNoneMatch { get; init; }
    public string? IndexingDirective { get; init; }
    public bool WantsNoBody { get; init; }

    /// <summary>The request that does the same alone.</summary>
    public CosmosRequest ToRequest(CosmosRequest batch)
    {
        var (method, takesId) = Type switch
        {
            "Create" or "Upsert" => ("POST", false),
            "Read" => ("GET", true),
            "Replace" => ("PUT", true),
            "Patch" => ("PATCH", true),
            "Delete" => ("DELETE", true),
            _ => throw CosmosRefusal.BadRequest($"The operation type '{Type}' is not one of a batch."),
        };
        if (takesId && Id is null) { throw CosmosRefusal.BadRequest($"The operation '{Type}' needs an 'id'."); }
        var headers = new HeaderDictionary
        {
            ["x-ms-documentdb-partitionkey"] = PartitionKey ?? batch.Header("x-ms-documentdb-partitionkey"),
            ["x-ms-documentdb-is-upsert"] = Type == "Upsert" ? "true" : default,
            ["If-Match"] = IfMatch,
            ["If-None-Match"] = IfNoneMatch,
            ["x-ms-indexing-directive"] = IndexingDirective,
            ["Prefer"] = WantsNoBody ? "return=minimal" : default,
        };
        string[] segments = takesId ? [.. batch.Segments, Id!] : batch.Segments;
        return new CosmosRequest(headers, method, batch.Endpoint, segments, Body.ToArray());
    }
}

/// <summary>What came of one operation of a batch.</summary>
internal sealed record BatchResult(int Status, int SubStatus, string? ETag, ReadOnlyMemory<byte> Body, double Charge, TimeSpan? RetryAfter)
{
    /// <summary>Another operation of the batch failed, so this one was not carried out.</summary>
    public static BatchResult FailedDependency { get; } = new(StatusCodes.Status424FailedDependency, 0, null, default, 0, null);

    public bool Failed => Status >= StatusCodes.Status400BadRequest;

    public static BatchResult Of(CosmosReply reply) => new(reply.Status, reply.SubStatus, reply.ETag, reply.Body, reply.Charge, reply.RetryAfter);

    public static BatchResult Of(CosmosRefusal refusal) => new((int)refusal.Status, refusal.SubStatus, null, default, 1, refusal.RetryAfter);
}

/// <summary>The encoding of <c>@azure/cosmos</c>: an array of objects.</summary>
internal static class JsonBatch
{
    public static List<BatchOperation> Read(CosmosRequest request)
    {
        try
        {
            using var json = JsonDocument.Parse(request.Body, DocumentIndexes.Deep);
            return json.RootElement.ValueKind == JsonValueKind.Array
                ? [.. json.RootElement.EnumerateArray().Select(Read)]
                : throw CosmosRefusal.BadRequest("A batch must be an array of operations.");
        }
        catch (JsonException e) { throw CosmosRefusal.BadRequest($"The batch is not valid JSON. {e.Message}"); }
    }

    public static byte[] Write(IReadOnlyList<BatchResult> results)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartArray();
            foreach (var result in results) { Write(json, result); }
            json.WriteEndArray();
        }
        return stream.ToArray();
    }

    private static BatchOperation Read(JsonElement operation) => operation.ValueKind != JsonValueKind.Object
        ? throw CosmosRefusal.BadRequest("An operation of a batch must be an object.")
        : new BatchOperation
        {
            Type = Text(operation, "operationType") ?? "",
            Id = Text(operation, "id"),
            PartitionKey = Text(operation, "partitionKey"),
            Body = operation.TryGetProperty("resourceBody", out var body) ? Encoding.UTF8.GetBytes(body.GetRawText()) : default(ReadOnlyMemory<byte>),
            IfMatch = Text(operation, "ifMatch"),
            IfNoneMatch = Text(operation, "ifNoneMatch"),
        };

    private static string? Text(JsonElement operation, string name) =>
        operation.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static void Write(Utf8JsonWriter json, BatchResult result)
    {
        json.WriteStartObject();
        json.WriteNumber("statusCode", result.Status);
        if (result.SubStatus != 0) { json.WriteNumber("subStatusCode", result.SubStatus); }
        if (result.RetryAfter is { } wait) { json.WriteNumber("retryAfterMilliseconds", Math.Ceiling(wait.TotalMilliseconds)); }
        json.WriteNumber("requestCharge", result.Charge);
        if (result.ETag is { } etag) { json.WriteString("eTag", etag); }
        if (!result.Body.IsEmpty)
        {
            json.WritePropertyName("resourceBody");
            json.WriteRawValue(result.Body.Span, skipInputValidation: true);
        }
        json.WriteEndObject();
    }
}
