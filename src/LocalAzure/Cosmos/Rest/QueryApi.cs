using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using LocalAzure.Cosmos.Query;
using LocalAzure.Cosmos.Storage;

namespace LocalAzure.Cosmos.Rest;

/// <summary>Queries and feeds of items.</summary>
internal sealed class QueryApi(Database database, Container container, TimeProvider clock)
{
    private const int DefaultPage = 100;
    private const int LargestPage = 10_000;

    /// <summary>
    /// The plan of every query is: send it, as it is, to the one range that there is. A container has one physical partition, so nothing is left to merge,
    /// and what SDKs with a planner of their own rewrite (ORDER BY, aggregates) is answered as any other query.
    /// </summary>
    public CosmosReply Plan(CosmosRequest request)
    {
        var query = QueryRequest.Parse(request.Body, null, DefaultPage, null) with { SpansPartitions = Partition(request) is null };
        CompiledQuery.Compile(query, container.Store.Settings, clock);
        return CosmosReply.Json(new JsonObject
        {
            ["partitionedQueryExecutionInfoVersion"] = 2,
            ["queryInfo"] = new JsonObject
            {
                ["distinctType"] = "None",
                ["orderBy"] = new JsonArray(),
                ["orderByExpressions"] = new JsonArray(),
                ["groupByExpressions"] = new JsonArray(),
                ["groupByAliases"] = new JsonArray(),
                ["aggregates"] = new JsonArray(),
                ["groupByAliasToAggregateType"] = new JsonObject(),
                ["rewrittenQuery"] = "",
                ["hasSelectValue"] = false,
                ["hasNonStreamingOrderBy"] = false,
            },
            ["queryRanges"] = new JsonArray(new JsonObject { ["min"] = "", ["max"] = "FF", ["isMinInclusive"] = true, ["isMaxInclusive"] = false }),
        });
    }

    public CosmosReply Query(CosmosRequest request)
    {
        var partition = Partition(request);
        var isScoped = partition is not null || request.Header("x-ms-documentdb-partitionkeyrangeid") is not null
            || request.Flag("x-ms-documentdb-query-enablecrosspartition");
        if (!isScoped)
        {
            throw CosmosRefusal.BadRequest(
                "Cross partition query is required but disabled. Please set x-ms-documentdb-query-enablecrosspartition to true or specify "
                + "x-ms-documentdb-partitionkey.", subStatus: 1004);
        }
        // A range is asked by an SDK that has planned the query, unless it skips the plan in the hope that there is no other range.
        var isPlanned = request.Header("x-ms-documentdb-partitionkeyrangeid") is not null && !request.Flag("x-ms-cosmos-query-optimisticdirectexecute");
        var query = QueryRequest.Parse(request.Body, partition, PageSize(request), request.Header("x-ms-continuation"));
        return Answer(query with { SpansPartitions = partition is null && !isPlanned });
    }

    public CosmosReply Feed(CosmosRequest request) =>
        Answer(new QueryRequest("SELECT * FROM c", new Dictionary<string, SqlValue>(), Partition(request), PageSize(request), request.Header("x-ms-continuation")));

    private CosmosReply Answer(QueryRequest request)
    {
        var page = QueryRunner.Run(container.Store, request, clock);
        var body = new ArrayBufferWriter<byte>(1024);
        body.Write(Encoding.UTF8.GetBytes($$"""{"_rid":"{{container.Name.Rid}}","Documents":["""));
        for (var i = 0; i < page.Results.Count; i++)
        {
            if (i > 0) { body.Write(","u8); }
            body.Write(page.Results[i].Span);
        }
        body.Write(Encoding.UTF8.GetBytes($$"""],"_count":{{page.Results.Count}}}"""));
        return new CosmosReply
        {
            Body = body.WrittenMemory,
            ItemCount = page.Results.Count,
            Continuation = page.Token,
            Charge = page.Charge,
            Owner = (database, container),
        };
    }

    private static PartitionKey? Partition(CosmosRequest request) =>
        request.Header("x-ms-documentdb-partitionkey") is { } header ? PartitionKey.FromHeader(header) : null;

    private static int PageSize(CosmosRequest request) => request.Number("x-ms-max-item-count") switch
    {
        null => DefaultPage,
        0 => throw CosmosRefusal.BadRequest("The page size must be -1 or at least 1."),
        var size => Math.Min(size.Value, LargestPage),
    };
}
