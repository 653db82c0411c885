using System.Buffers;
using System.Globalization;
using System.Text;
using LocalAzure.Cosmos.Storage;

namespace LocalAzure.Cosmos.Rest;

/// <summary>
/// The change feed in latest-version mode: every item once, at its last change, in the order of changes. The ETag of an answer is the place to go on
/// from; 304 says that nothing has changed since ("Change feed pull model").
/// </summary>
internal sealed class ChangeFeedApi(Database database, Container container)
{
    private const int DefaultPage = 100;

    public CosmosReply Read(CosmosRequest request)
    {
        if (!request.Header("A-IM")!.Equals("Incremental feed", StringComparison.OrdinalIgnoreCase))
        {
            throw CosmosRefusal.NotImplemented($"the change feed mode '{request.Header("A-IM")}'");
        }
        var partition = request.Header("x-ms-documentdb-partitionkey") is { } header ? PartitionKey.FromHeader(header) : null;
        var range = RangesApi.Of(request, container);
        var since = request.Header("If-Modified-Since") is { } text ? Time(text) : long.MinValue;
        var store = container.Store;
        // Taken before the read: a write that comes in between is part of the next page at the latest.
        var newest = store.LastLsn;
        var start = request.IfNoneMatch switch
        {
            null => 0,
            "*" => newest,
            var etag => Place(etag),
        };
        var size = Math.Min(request.Number("x-ms-max-item-count") ?? DefaultPage, 1000);
        var found = store.Changes(start, newest, IsWanted, size);
        var end = found.Count == size ? found[^1].Lsn : newest;
        return Answer(found, end);

        bool IsWanted(StoredDocument document) =>
            document.Timestamp >= since
            && (partition is null || document.Key.AsSpan().StartsWith(partition.Bytes))
            && range?.Holds(document) != false;
    }

    private CosmosReply Answer(IReadOnlyList<StoredDocument> changes, long end)
    {
        var etag = $"\"{end}\"";
        var owner = (database, container);
        if (changes.Count == 0) { return new CosmosReply { Status = StatusCodes.Status304NotModified, ETag = etag, ItemCount = 0, Owner = owner }; }
        var body = new ArrayBufferWriter<byte>(4096);
        body.Write(Encoding.UTF8.GetBytes($$"""{"_rid":"{{container.Name.Rid}}","Documents":["""));
        foreach (var (i, change) in changes.Index())
        {
            if (i > 0) { body.Write(","u8); }
            body.Write(change.Load().AsSpan(..^1));
            body.Write(Encoding.UTF8.GetBytes($",\"_lsn\":{change.Lsn}}}"));
        }
        body.Write(Encoding.UTF8.GetBytes($$"""],"_count":{{changes.Count}}}"""));
        var charge = Charges.Query(changes.Count, changes.Count, body.WrittenCount);
        return new CosmosReply { Body = body.WrittenMemory, ETag = etag, ItemCount = changes.Count, Charge = charge, Owner = owner };
    }

    private static long Place(string etag) => long.TryParse(etag.Trim('"'), CultureInfo.InvariantCulture, out var lsn)
        ? lsn
        : throw CosmosRefusal.BadRequest($"The change feed continuation '{etag}' is invalid.");

    private static long Time(string text) => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
        ? time.ToUnixTimeSeconds()
        : throw CosmosRefusal.BadRequest($"If-Modified-Since has the invalid value '{text}'.");
}
