using System.Net;

namespace LocalAzure.Cosmos;

/// <summary>
/// A request that Cosmos DB refuses, or that this emulator does not implement: thrown where it is noticed, met once in
/// <see cref="CosmosEmulator.Handle"/>. Sub-status numbers are those of "HTTP status codes for Azure Cosmos DB".
/// </summary>
internal sealed class CosmosRefusal(HttpStatusCode status, string code, string message, int subStatus = 0) : Exception(message)
{
    public HttpStatusCode Status { get; } = status;
    public string Code { get; } = code;
    public int SubStatus { get; } = subStatus;
    public TimeSpan? RetryAfter { get; private init; }

    public static CosmosRefusal BadRequest(string message, int subStatus = 0) => new(HttpStatusCode.BadRequest, "BadRequest", message, subStatus);

    public static CosmosRefusal Unauthorized(string message) => new(HttpStatusCode.Unauthorized, "Unauthorized", message);

    public static CosmosRefusal NotFound() =>
        new(HttpStatusCode.NotFound, "NotFound", "Entity with the specified id does not exist in the system.");

    public static CosmosRefusal OwnerNotFound() =>
        new(HttpStatusCode.NotFound, "NotFound", "Owner resource does not exist.", subStatus: 1003);

    public static CosmosRefusal Conflict() =>
        new(HttpStatusCode.Conflict, "Conflict", "Entity with the specified id already exists in the system.");

    public static CosmosRefusal UniqueKey() =>
        new(HttpStatusCode.Conflict, "Conflict", "Unique index constraint violation.");

    public static CosmosRefusal Stale() =>
        new(HttpStatusCode.PreconditionFailed, "PreconditionFailed", "One of the specified pre-condition is not met.");

    public static CosmosRefusal FilterFailed() =>
        new(HttpStatusCode.PreconditionFailed, "PreconditionFailed", "The filter predicate of the patch did not match the document.", subStatus: 1110);

    /// <summary>The SDKs read the ranges again and send the request to the one that holds its items now.</summary>
    public static CosmosRefusal RangeGone(string range) =>
        new(HttpStatusCode.Gone, "Gone", $"The container has no partition key range '{range}'.", subStatus: 1002);

    public static CosmosRefusal PartitionKeyMismatch(string message) => BadRequest(message, subStatus: 1001);

    public static CosmosRefusal TooLarge(string limit = "an item may have 2 MB") =>
        new(HttpStatusCode.RequestEntityTooLarge, "RequestEntityTooLarge", $"Request size is too large: {limit}.");

    public static CosmosRefusal Throttled(TimeSpan retryAfter) =>
        new(HttpStatusCode.TooManyRequests, "TooManyRequests", "The request rate is larger than the container's throughput.", subStatus: 3200)
        {
            RetryAfter = retryAfter,
        };

    /// <summary>500: the emulator has a fault of its own.</summary>
    public static CosmosRefusal Failed() =>
        new(HttpStatusCode.InternalServerError, "InternalServerError", "LocalAzure failed on this request; its log says why.");

    /// <summary>501: Cosmos DB can do this, the emulator cannot.</summary>
    public static CosmosRefusal NotImplemented(string what) =>
        new(HttpStatusCode.NotImplemented, "NotImplemented", $"LocalAzure does not implement {what}.");
}
