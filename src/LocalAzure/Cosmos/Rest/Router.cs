using LocalAzure.Cosmos.Storage;

namespace LocalAzure.Cosmos.Rest;

/// <summary>From a path to the part that answers it. Databases and containers are found by name or by <c>_rid</c>.</summary>
internal static class Router
{
    public static CosmosReply Answer(CosmosRequest request, Catalog catalog, TimeProvider clock)
    {
        var database = request.Segments is ["dbs", var databaseId, ..] ? catalog.Find(databaseId) : null;
        var container = request.Segments is ["dbs", _, "colls", var containerId, ..] ? database?.Find(containerId) : null;
        CheckIntended(request, container);
        CheckConsistency(request);
        return request.Segments switch
        {
            [] when request.Method == "GET" => AccountApi.Read(request),
            ["offers"] => OffersApi.All(request, catalog, clock),
            ["offers", var offer] => OffersApi.One(request, catalog, offer),
            ["dbs"] => DatabasesApi.All(request, catalog, clock),
            ["dbs", _] => DatabasesApi.One(request, catalog, database ?? throw CosmosRefusal.NotFound()),
            ["dbs", _, "colls"] => ContainersApi.All(request, catalog, database ?? throw CosmosRefusal.OwnerNotFound(), clock),
            ["dbs", _, "colls", _] when database is null => throw CosmosRefusal.OwnerNotFound(),
            ["dbs", _, "colls", _] => ContainersApi.One(request, catalog, database, container ?? throw CosmosRefusal.NotFound()),
            ["dbs", _, "colls", _, "pkranges"] =>
                new RangesApi(catalog, database!, container ?? throw CosmosRefusal.OwnerNotFound()).All(request),
            ["dbs", _, "colls", _, "pkranges", var range, "split"] =>
                new RangesApi(catalog, database!, container ?? throw CosmosRefusal.OwnerNotFound()).Split(request, range),
            ["dbs", _, "colls", _, "docs", ..] => Documents(request, database!, container ?? throw CosmosRefusal.OwnerNotFound(), clock),
            ["dbs", _, "colls", _, "operations", "partitionkeydelete"] =>
                Documents(request, database!, container ?? throw CosmosRefusal.OwnerNotFound(), clock),
            ["dbs", _, "colls", _, "conflicts", ..] => throw CosmosRefusal.NotImplemented("the conflicts feed"),
            ["dbs", _, "users", ..] => throw CosmosRefusal.NotImplemented("users and permissions"),
            ["dbs", _, "clientencryptionkeys", ..] => throw CosmosRefusal.NotImplemented("client encryption keys"),
            ["dbs", _, "colls", _, "sprocs", ..] => throw CosmosRefusal.NotImplemented("stored procedures"),
            ["dbs", _, "colls", _, "triggers", ..] => throw CosmosRefusal.NotImplemented("triggers"),
            ["dbs", _, "colls", _, "udfs", ..] => throw CosmosRefusal.NotImplemented("user-defined functions"),
            _ => throw CosmosRefusal.NotImplemented($"{request.Method} /{string.Join('/', request.Segments.Where((_, i) => i % 2 == 0))}"),
        };
    }

    private static CosmosReply Documents(CosmosRequest request, Database database, Container container, TimeProvider clock)
    {
        if (container.Throughput is { } throughput && container.Throttle.Wait(throughput) is { } wait) { throw CosmosRefusal.Throttled(wait); }
        var documents = new DocumentsApi(database, container, clock);
        var reply = request.Segments switch
        {
            [_, _, _, _, "operations", _] => documents.DeletePartition(request),
            [_, _, _, _, _] => documents.All(request),
            [_, _, _, _, _, var id] => documents.One(request, id),
            _ => throw CosmosRefusal.NotImplemented("attachments"),
        };
        container.Throttle.Spend(reply.Charge);
        return reply;
    }

    /// <summary>A request may weaken the account's consistency, never strengthen it ("Consistency levels").</summary>
    private static void CheckConsistency(CosmosRequest request)
    {
        if (request.Header("x-ms-consistency-level") is not { } asked) { return; }
        if (!Enum.TryParse<Consistency>(asked, ignoreCase: true, out var level) || !Enum.IsDefined(level) || int.TryParse(asked, out _))
        {
            throw CosmosRefusal.BadRequest($"The header x-ms-consistency-level has the invalid value '{asked}'.");
        }
        if (level > AccountApi.Consistency)
        {
            throw CosmosRefusal.BadRequest($"The request asks for consistency '{level}', which is stronger than the account's '{AccountApi.Consistency}'.");
        }
    }

    /// <summary>A client that cached a container which was deleted and made anew must learn it (400, sub-status 1024), not write into the new one.</summary>
    private static void CheckIntended(CosmosRequest request, Container? container)
    {
        if (container is not null && request.Header("x-ms-cosmos-intended-collection-rid") is { } intended && intended != container.Name.Rid)
        {
            throw CosmosRefusal.BadRequest("The container's resource id differs from the one that the client expects.", subStatus: 1024);
        }
    }
}
