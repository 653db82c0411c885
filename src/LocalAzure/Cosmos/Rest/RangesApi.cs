using System.Text;
using System.Text.Json.Nodes;
using LocalAzure.Cosmos.Storage;

namespace LocalAzure.Cosmos.Rest;

/// <summary>The partition key ranges of a container.</summary>
internal sealed class RangesApi(Catalog catalog, Database database, Container container)
{
    /// <summary>
    /// The SDKs read ranges as a change feed until it answers 304, so the second read, with the ETag of the first, has nothing new; after a split all
    /// ranges are new.
    /// </summary>
    public CosmosReply All(CosmosRequest request)
    {
        if (request.Method != "GET") { throw CosmosRefusal.NotImplemented($"{request.Method} on partition key ranges"); }
        var ranges = container.Ranges;
        var etag = ranges.All.Count == 1 ? CosmosReply.Quote(container.Stamp.ETag) : $"\"{container.Stamp.ETag}-{ranges.Last}\"";
        var owner = (database, container);
        if (request.HasSeen(etag)) { return new CosmosReply { Status = StatusCodes.Status304NotModified, ETag = etag, Owner = owner }; }
        var feed = new JsonObject
        {
            ["_rid"] = container.Name.Rid,
            ["PartitionKeyRanges"] = new JsonArray([.. ranges.All.Select(range => Show(range, etag, ranges.All.Count))]),
            ["_count"] = ranges.All.Count,
        };
        return new CosmosReply { Body = Encoding.UTF8.GetBytes(feed.ToJsonString()), ETag = etag, ItemCount = ranges.All.Count, Owner = owner };
    }

    /// <summary>LocalAzure's own: the service splits a range when it is full, this one when it is told to.</summary>
    public CosmosReply Split(CosmosRequest request, string id)
    {
        if (request.Method != "POST") { throw CosmosRefusal.NotImplemented($"{request.Method} on the split of a range"); }
        catalog.Split(container, id);
        return CosmosReply.NoContent();
    }

    /// <summary>
    /// The range that a request is about, by its id or by effective partition keys; null when it is about all of them. Null too where one range is all
    /// there is: nothing has to be left out.
    /// </summary>
    public static PartitionRange? Of(CosmosRequest request, Container container)
    {
        PartitionRange? range = null;
        if (request.Header("x-ms-documentdb-partitionkeyrangeid") is { } id)
        {
            // The .NET SDK writes the container in front of the range: "RID,0".
            range = container.Ranges.Find(id.Split(',')[^1]) ?? throw CosmosRefusal.RangeGone(id);
        }
        var (start, end) = (request.Header("x-ms-start-epk"), request.Header("x-ms-end-epk"));
        if (start is null && end is null) { return range is { IsAll: true } ? null : range; }
        if (!container.Store.Settings.HashesAsVersion2)
        {
            throw CosmosRefusal.NotImplemented("effective partition keys of a partition key definition of version 1");
        }
        var low = UInt128.Max(range?.Low ?? 0, start is null ? 0 : EffectivePartitionKey.Parse(start));
        var high = UInt128.Min(range?.High ?? EffectivePartitionKey.End, end is null ? EffectivePartitionKey.End : EffectivePartitionKey.Parse(end));
        return new PartitionRange(range?.Number ?? 0, low, high, []);
    }

    private JsonObject Show(PartitionRange range, string etag, int count) => new()
    {
        ["_rid"] = container.Name.RangeRid(range.Number),
        ["id"] = $"{range.Number}",
        ["_etag"] = etag,
        ["minInclusive"] = EffectivePartitionKey.Text(range.Low),
        ["maxExclusive"] = EffectivePartitionKey.Text(range.High),
        ["ridPrefix"] = range.Number,
        ["_self"] = $"{container.Name.Self}pkranges/{container.Name.RangeRid(range.Number)}/",
        ["throughputFraction"] = 1.0 / count,
        ["status"] = "online",
        ["parents"] = new JsonArray([.. range.Parents.Select(parent => JsonValue.Create($"{parent}"))]),
        ["_ts"] = container.Stamp.Timestamp,
    };
}
