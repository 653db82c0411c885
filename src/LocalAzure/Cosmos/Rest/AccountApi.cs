using System.Text.Json.Nodes;

namespace LocalAzure.Cosmos.Rest;

/// <summary>From the weakest to the strongest.</summary>
internal enum Consistency { Eventual, ConsistentPrefix, Session, BoundedStaleness, Strong }

/// <summary>What a client reads first: one region, session consistency, and the limits of the query language.</summary>
internal static class AccountApi
{
    public const Consistency Consistency = Rest.Consistency.Session;
    private const string Region = "Local";

    private const string QueryEngine = """
        {"maxSqlQueryInputLength":262144,"maxJoinsPerSqlQuery":5,"maxLogicalAndPerSqlQuery":500,"maxLogicalOrPerSqlQuery":500,"maxUdfRefPerSqlQuery":10,"maxInExpressionItemsCount":16000,"queryMaxInMemorySortDocumentCount":500,"maxQueryRequestTimeoutFraction":0.9,"sqlAllowNonFiniteNumbers":false,"sqlAllowAggregateFunctions":true,"sqlAllowSubQuery":true,"sqlAllowScalarSubQuery":true,"allowNewKeywords":true,"sqlAllowLike":true,"sqlAllowGroupByClause":true,"maxSpatialQueryCells":12,"spatialMaxGeometryPointCount":256,"sqlDisableQueryILOptimization":false,"sqlDisableFilterPlanOptimization":false,"enableSpatialIndexing":true,"maxSubQueryDepth":10,"allowTextSearch":false,"clientDisableOptimisticDirectExecution":false}
        """;

    public static CosmosReply Read(CosmosRequest request)
    {
        var host = new Uri(request.Endpoint).Host;
        return CosmosReply.Json(new JsonObject
        {
            ["_self"] = "",
            ["id"] = host,
            ["_rid"] = host,
            ["media"] = "//media/",
            ["addresses"] = "//addresses/",
            ["_dbs"] = "//dbs/",
            ["writableLocations"] = new JsonArray(Location(request)),
            ["readableLocations"] = new JsonArray(Location(request)),
            ["enableMultipleWriteLocations"] = false,
            ["continuousBackupEnabled"] = false,
            ["userReplicationPolicy"] = new JsonObject { ["asyncReplication"] = false, ["minReplicaSetSize"] = 1, ["maxReplicasetSize"] = 4 },
            ["userConsistencyPolicy"] = new JsonObject { ["defaultConsistencyLevel"] = $"{Consistency}" },
            ["systemReplicationPolicy"] = new JsonObject { ["minReplicaSetSize"] = 1, ["maxReplicasetSize"] = 4 },
            ["readPolicy"] = new JsonObject { ["primaryReadCoefficient"] = 1, ["secondaryReadCoefficient"] = 1 },
            ["queryEngineConfiguration"] = QueryEngine,
        });
    }

    private static JsonObject Location(CosmosRequest request) => new() { ["name"] = Region, ["databaseAccountEndpoint"] = $"{request.Endpoint}/" };
}
