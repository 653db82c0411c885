using System.Globalization;
using Microsoft.Azure.Cosmos.Serialization.HybridRow;
using Microsoft.Azure.Cosmos.Serialization.HybridRow.IO;
using Microsoft.Azure.Cosmos.Serialization.HybridRow.Layouts;
using Microsoft.Azure.Cosmos.Serialization.HybridRow.RecordIO;
using Microsoft.Azure.Cosmos.Serialization.HybridRow.Schemas;

namespace LocalAzure.Cosmos.Rest;

/// <summary>
/// The encoding of <c>Microsoft.Azure.Cosmos</c>: a RecordIO stream of HybridRows, written and read by the SDK's own library. The schema's ids, names and
/// types are the protocol.
/// </summary>
internal static class HybridRowBatch
{
    private const string Schema = """
        {"name":"Microsoft.Azure.Cosmos.BatchApi","version":"v1","schemas":[
        {"name":"BatchOperation","id":2145473648,"type":"schema","properties":[
        {"path":"operationType","type":{"type":"int32","storage":"fixed"}},
        {"path":"resourceType","type":{"type":"int32","storage":"fixed"}},
        {"path":"partitionKey","type":{"type":"utf8","storage":"variable"}},
        {"path":"effectivePartitionKey","type":{"type":"binary","storage":"variable"}},
        {"path":"id","type":{"type":"utf8","storage":"variable"}},
        {"path":"binaryId","type":{"type":"binary","storage":"variable"}},
        {"path":"resourceBody","type":{"type":"binary","storage":"variable"}},
        {"path":"indexingDirective","type":{"type":"utf8","storage":"sparse"}},
        {"path":"ifMatch","type":{"type":"utf8","storage":"sparse"}},
        {"path":"ifNoneMatch","type":{"type":"utf8","storage":"sparse"}},
        {"path":"timeToLiveInSeconds","type":{"type":"int32","storage":"sparse"}},
        {"path":"minimalReturnPreference","type":{"type":"bool","storage":"sparse"}}]},
        {"name":"BatchResult","id":2145473649,"type":"schema","properties":[
        {"path":"statusCode","type":{"type":"int32","storage":"fixed"}},
        {"path":"subStatusCode","type":{"type":"int32","storage":"fixed"}},
        {"path":"eTag","type":{"type":"utf8","storage":"variable"}},
        {"path":"resourceBody","type":{"type":"binary","storage":"variable"}},
        {"path":"retryAfterMilliseconds","type":{"type":"uint32","storage":"sparse"}},
        {"path":"requestCharge","type":{"type":"float64","storage":"sparse"}}]}]}
        """;

    private static readonly Namespace Schemas = Namespace.Parse(Schema);
    private static readonly LayoutResolverNamespace Layouts = new(Schemas);
    private static readonly Layout ResultLayout = Layouts.Resolve(Schemas.Schemas.Find(schema => schema.Name == "BatchResult")!.SchemaId);

    public static bool IsIn(ReadOnlySpan<byte> body) => body is [(byte)HybridRowVersion.V1, ..];

    public static async Task<List<BatchOperation>> Read(byte[] body)
    {
        var operations = new List<BatchOperation>();
        using var stream = new MemoryStream(body);
        var result = await stream.ReadRecordIOAsync(
            (ReadOnlyMemory<byte> record) =>
            {
                var read = Read(record, out var operation);
                if (read == Result.Success) { operations.Add(operation); }
                return read;
            },
            resizer: new MemorySpanResizer<byte>(body.Length));
        return result == Result.Success ? operations : throw CosmosRefusal.BadRequest($"The batch is not a valid stream of HybridRows: {result}.");
    }

    public static async Task<byte[]> Write(IReadOnlyList<BatchResult> results)
    {
        using var stream = new MemoryStream();
        var resizer = new MemorySpanResizer<byte>(1024);
        var written = await stream.WriteRecordIOAsync(default(Segment), Next);
        return written == Result.Success ? stream.ToArray() : throw new InvalidOperationException($"A batch's results could not be written: {written}.");

        Result Next(long index, out ReadOnlyMemory<byte> record)
        {
            record = default;
            if (index >= results.Count) { return Result.Success; }
            var row = new RowBuffer(resizer.Memory.Length, resizer);
            row.InitLayout(HybridRowVersion.V1, ResultLayout, Layouts);
            var result = RowWriter.WriteBuffer(ref row, results[(int)index], Write);
            record = resizer.Memory[..row.Length];
            return result;
        }
    }

    private static Result Read(ReadOnlyMemory<byte> record, out BatchOperation operation)
    {
        operation = new BatchOperation();
        var row = new RowBuffer(record.Length);
        if (!row.ReadFrom(record.Span, HybridRowVersion.V1, Layouts)) { return Result.Failure; }
        var reader = new RowReader(ref row);
        while (reader.Read())
        {
            var read = Property(ref reader, ref operation);
            if (read != Result.Success) { return read; }
        }
        return Result.Success;
    }

    private static Result Property(ref RowReader reader, ref BatchOperation operation)
    {
        var name = reader.Path.ToString();
        switch (name)
        {
            case "operationType":
                var isRead = reader.ReadInt32(out var type);
                operation = operation with { Type = NameOf(type) };
                return isRead;
            case "resourceBody":
                var isBody = reader.ReadBinary(out byte[] body);
                operation = operation with { Body = body };
                return isBody;
            case "minimalReturnPreference":
                var isFlag = reader.ReadBool(out var minimal);
                operation = operation with { WantsNoBody = minimal };
                return isFlag;
            case "partitionKey" or "id" or "ifMatch" or "ifNoneMatch" or "indexingDirective":
                var isText = reader.ReadString(out string text);
                operation = name switch
                {
                    "partitionKey" => operation with { PartitionKey = text },
                    "id" => operation with { Id = text },
                    "ifMatch" => operation with { IfMatch = text },
                    "ifNoneMatch" => operation with { IfNoneMatch = text },
                    _ => operation with { IndexingDirective = text },
                };
                return isText;
            case "resourceType":
                return Result.Success;
            default:
                throw CosmosRefusal.NotImplemented($"'{name}' of a batch's operation");
        }
    }

    private static string NameOf(int type) => type switch
    {
        0 => "Create",
        1 => "Patch",
        2 => "Read",
        4 => "Delete",
        5 => "Replace",
        20 => "Upsert",
        _ => type.ToString(CultureInfo.InvariantCulture),
    };

    private static Result Write(ref RowWriter writer, TypeArgument type, BatchResult result)
    {
        var written = writer.WriteInt32("statusCode", result.Status);
        if (written == Result.Success) { written = writer.WriteInt32("subStatusCode", result.SubStatus); }
        if (written == Result.Success && result.ETag is { } etag) { written = writer.WriteString("eTag", etag); }
        if (written == Result.Success && !result.Body.IsEmpty) { written = writer.WriteBinary("resourceBody", result.Body.Span); }
        if (written == Result.Success && result.RetryAfter is { } wait)
        {
            written = writer.WriteUInt32("retryAfterMilliseconds", (uint)Math.Ceiling(wait.TotalMilliseconds));
        }
        return written == Result.Success ? writer.WriteFloat64("requestCharge", result.Charge) : written;
    }
}
