using Microsoft.Win32.SafeHandles;

namespace LocalAzure.Cosmos.Storage;

/// <summary>
/// Where one version of a document lies in the log, and what is asked of it too often to read it from there. Immutable: a write makes a new one,
/// so a reader that holds it keeps a consistent version.
/// </summary>
internal sealed class StoredDocument
{
    /// <summary>Partition key value, then id, in ordered bytes: the document's place in the container.</summary>
    public required byte[] Key { get; init; }
    /// <summary>The document's part of its <c>_rid</c>: kept by replacements, never used again.</summary>
    public required long Number { get; init; }
    public required long Lsn { get; init; }
    public required Guid ETag { get; init; }
    /// <summary>Seconds since 1970, as <c>_ts</c>.</summary>
    public required long Timestamp { get; init; }
    /// <summary>The document's own <c>ttl</c>; 0 when it has none.</summary>
    public required int Ttl { get; init; }
    public required SafeFileHandle File { get; init; }
    public required long Offset { get; init; }
    public required int Length { get; init; }

    /// <summary>A version that is not in the log yet.</summary>
    public static StoredDocument Unplaced(byte[] key, long number, long lsn, Guid etag, long timestamp, int ttl) =>
        new() { Key = key, Number = number, Lsn = lsn, ETag = etag, Timestamp = timestamp, Ttl = ttl, File = null!, Offset = 0, Length = 0 };

    public byte[] Load()
    {
        var bytes = GC.AllocateUninitializedArray<byte>(Length);
        LoadInto(bytes);
        return bytes;
    }

    public void LoadInto(Span<byte> buffer)
    {
        var read = 0;
        while (read < Length)
        {
            var more = RandomAccess.Read(File, buffer[read..Length], Offset + read);
            if (more == 0) { throw new EndOfStreamException("The log is shorter than the document it holds."); }
            read += more;
        }
    }

    /// <summary>When the document ends, in seconds since 1970, under the container's default ("Time to live in Azure Cosmos DB").</summary>
    public long ExpiresAt(int? defaultTtl) => (defaultTtl, Ttl) switch
    {
        (null, _) => long.MaxValue,
        (_, -1) => long.MaxValue,
        (-1, 0) => long.MaxValue,
        (_, 0) => Timestamp + defaultTtl.Value,
        _ => Timestamp + Ttl,
    };
}
