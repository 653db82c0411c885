namespace LocalAzure.Tests.Sdks;

/// <summary>Operations of the .NET SDKs that no session plays, by class or by class and method, and why.</summary>
internal static class LeftOut
{
    private const string NoRequest = "builds or configures; sends no request";
    private const string NeedsKey = "signs with an account key, which LocalAzure's tables take none of; the SDK itself refuses it with a token";
    private const string Database = "needs a conflict to read, and a container of one region has none";

    private static readonly Dictionary<string, string> Reasons = new()
    {
        ["CosmosClientBuilder"] = NoRequest,
        ["RequestHandler"] = "a base class for handlers of the caller's own",
        ["FeedIterator.Dispose"] = NoRequest,
        ["ContainerBuilder.WithChangeFeedPolicy"] = NoRequest,
        ["ContainerBuilder.WithClientEncryptionPolicy"] = NoRequest,
        ["ContainerBuilder.WithFullTextPolicy"] = NoRequest,
        ["ContainerBuilder.WithVectorEmbeddingPolicy"] = NoRequest,
        ["Conflicts.ReadConflictContent"] = Database,
        ["Conflicts.ReadCurrentAsync"] = Database,
        ["TableClient.GenerateSasUri"] = NeedsKey,
        ["TableClient.GetSasBuilder"] = NoRequest,
        ["TableServiceClient.GenerateSasUri"] = NeedsKey,
        ["TableServiceClient.GetSasBuilder"] = NoRequest,
    };

    public static bool IsOf(string operation) => Reasons.ContainsKey(operation) || Reasons.ContainsKey(operation.Split('.')[0]);

    /// <summary>What the list names and no SDK has.</summary>
    public static IEnumerable<string> Unknown(IReadOnlyCollection<string> operations) =>
        Reasons.Keys.Where(name => !operations.Contains(name) && !operations.Any(operation => operation.StartsWith(name + '.', StringComparison.Ordinal)));
}
