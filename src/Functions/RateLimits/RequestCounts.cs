using CustomerFunctions.Edge;
using CustomerFunctions.Shared.Azure;
using Microsoft.Azure.Cosmos;

namespace CustomerFunctions.RateLimits;

/// <summary>How many permits of one caller's minute the instances have taken.</summary>
internal sealed record RequestCount : Document
{
    public const string DocumentType = "requests";

    public required int Taken { get; init; }
}

/// <summary>The count of one caller's requests in one minute that all instances share.</summary>
internal sealed partial class RequestCounts(AzureClients azure, ILogger<RequestCounts> log)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private const int Life = 180;

    private readonly Documents documents = new(azure, "control");

    /// <summary>Takes permits; how many had been taken before, or null when the store does not answer. Never throws: nobody may be waiting.</summary>
    public async Task<int?> Take(string id, int permits)
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            for (var attempt = 0; attempt < 3; attempt++)
            {
                var (_, patched) = await documents.Patch(id, id, [PatchOperation.Increment("/taken", permits)], null, StoreJson.Default.RequestCount, patience.Token);
                if (patched is not null) { return patched.Value.Taken - permits; }
                var count = new RequestCount { Id = id, Type = RequestCount.DocumentType, Taken = permits, Ttl = Life };
                if (await documents.TryCreate(id, count, StoreJson.Default.RequestCount, patience.Token) is not null) { return 0; }
            }
        }
        catch (Exception e) when (ExceptionEdge.IsDependencyFailure(e))
        {
            StoreDown(log, e.GetType().Name);
        }
        return null;
    }

    [LoggerMessage(1802, LogLevel.Warning, "Requests are counted per instance: Cosmos DB did not answer ({Exception})")]
    private static partial void StoreDown(ILogger log, string exception);
}
