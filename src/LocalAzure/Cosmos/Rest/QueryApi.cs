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
    /// In one range, or one partition, nothing is left to merge: send the query as it is, and what SDKs with a planner of their own rewrite (ORDER BY,
    /// aggregates) is answered as any other query. Several ranges are merged by the SDK.
    /// </summary>
    public CosmosReply Plan(CosmosRequest request)
    {
        var partition = Partition(request);
        var query = QueryRequest.Parse(request.Body, null, DefaultPage, null) with { SpansPartitions = partition is null };
        var compiled = CompiledQuery.Compile(query, container.Store.Settings, clock);
        var ranges = container.Ranges.All;
        var isMerged = ranges.Count > 1 && partition is null && compiled.Parsed.From.Count > 0;
        var (min, max) = ("", "FF");
        if (ranges.Count > 1 && partition is not null) { min = max = EffectivePartitionKey.Text(EffectivePartitionKey.Of(partition.Bytes)); }
        // Without FROM there is one row, and one range has to give it.
        else if (ranges.Count > 1 && !isMerged) { max = EffectivePartitionKey.Text(ranges[0].High); }
        return CosmosReply.Json(new JsonObject
        {
            ["partitionedQueryExecutionInfoVersion"] = 2,
            ["queryInfo"] = isMerged ? new MergePlan(compiled, query.Text).ToJson() : new JsonObject
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
            ["queryRanges"] = new JsonArray(new JsonObject { ["min"] = min, ["max"] = max, ["isMinInclusive"] = true, ["isMaxInclusive"] = min == max }),
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
        return Answer(query with { SpansPartitions = partition is null && !isPlanned, Range = RangesApi.Of(request, container) });
    }

    public CosmosReply Feed(CosmosRequest request) =>
        Answer(new QueryRequest("SELECT * FROM c", new Dictionary<string, SqlValue>(), Partition(request), PageSize(request), request.Header("x-ms-continuation"))
        {
            Range = RangesApi.Of(request, container),
        });

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
