using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using Microsoft.Win32.SafeHandles;

namespace LocalAzure.Cosmos.Storage;

/// <summary>
/// A container's documents on disk: one append-only file of checksummed records. A record is handed to the operating system before its write is
/// acknowledged, so it survives the death of the process at any instant; it is not forced to the disk, so a power cut is out of scope.
/// A torn or damaged tail ends the recovery and is cut off.
/// </summary>
internal sealed class DocumentLog : IDisposable
{
    private static readonly StoredDocument Marker = StoredDocument.Unplaced([], number: 0, lsn: 0, Guid.Empty, timestamp: 0, ttl: 0);

    private const int FrameLength = 8;
    private const int HeaderLength = 49;
    private const long SmallestWorthCompacting = 16 * 1024 * 1024;
    private const long LargestToCompactWhileServing = 256 * 1024 * 1024;

    private readonly ArrayBufferWriter<byte> record = new(4096);
    private readonly string folder;
    private int generation;
    private SafeFileHandle file;
    private long end;
    private long live;
    private (long End, long Live) begun;

    private DocumentLog(string folder, int generation, SafeFileHandle file)
    {
        this.folder = folder;
        this.generation = generation;
        this.file = file;
    }

    /// <summary>Records between <see cref="Begin"/> and <see cref="Commit"/> count together: recovery takes all of them or cuts the log off before them.</summary>
    public enum Kind : byte { Counters = 0, Put = 1, Delete = 2, Begin = 3, Commit = 4 }

    /// <summary>A record as recovery meets it; the document's bytes are in <see cref="Body"/> only for the length of the call.</summary>
    public readonly ref struct Record
    {
        public required Kind Kind { get; init; }
        public required StoredDocument Document { get; init; }
        public required ReadOnlySpan<byte> Body { get; init; }
    }

    public delegate void OnRecord(DocumentLog log, Record record);

    public bool GarbageDominates => end > SmallestWorthCompacting && live < end / 2;

    /// <summary>Requests wait while a log is compacted; what would keep them waiting for seconds is left for the next start.</summary>
    public bool CanCompactWhileServing => GarbageDominates && live < LargestToCompactWhileServing;

    public static DocumentLog Open(string folder, OnRecord onRecord)
    {
        Directory.CreateDirectory(folder);
        foreach (var unfinished in Directory.GetFiles(folder, "*.tmp")) { File.Delete(unfinished); }
        var generations = Directory.GetFiles(folder, "*.log").Select(p => int.Parse(Path.GetFileNameWithoutExtension(p), null)).Order().ToArray();
        var current = generations.Length == 0 ? 1 : generations[^1];
        // A crash between a compaction's rename and its delete leaves the older file behind.
        foreach (var old in generations[..Math.Max(0, generations.Length - 1)]) { File.Delete(PathOf(folder, old)); }
        var log = new DocumentLog(folder, current, OpenFile(PathOf(folder, current)));
        log.Recover(onRecord);
        return log;
    }

    /// <summary>Appends a version and returns where it lies. The caller holds the container's write lock.</summary>
    public StoredDocument Put(StoredDocument version, ReadOnlySpan<byte> body) => Append(Kind.Put, version, body);

    public void Delete(StoredDocument last) => Append(Kind.Delete, last, []);

    public void Begin()
    {
        begun = (end, live);
        Append(Kind.Begin, Marker, []);
    }

    public void Commit() => Append(Kind.Commit, Marker, []);

    /// <summary>Takes away everything since <see cref="Begin"/>.</summary>
    public void RollBack()
    {
        (end, live) = begun;
        RandomAccess.SetLength(file, end);
    }

    /// <summary>Tells the log that a version is no longer needed.</summary>
    public void Release(StoredDocument version) => live -= version.Length;

    /// <summary>Writes the living versions to a new file and makes it the log. The old file stays readable to whoever holds a version in it.</summary>
    public List<StoredDocument> Compact(IEnumerable<StoredDocument> documents, long lastLsn, long lastNumber)
    {
        var next = generation + 1;
        var temporary = Path.Combine(folder, $"{next}.tmp");
        var (oldGeneration, oldFile) = (generation, file);
        (file, end, live) = (OpenFile(temporary), 0, 0);
        var moved = new List<StoredDocument>();
        var buffer = Array.Empty<byte>();
        Append(Kind.Counters, StoredDocument.Unplaced([], lastNumber, lastLsn, Guid.Empty, timestamp: 0, ttl: 0), []);
        foreach (var document in documents)
        {
            if (buffer.Length < document.Length) { buffer = new byte[document.Length * 2]; }
            document.LoadInto(buffer);
            moved.Add(Append(Kind.Put, document, buffer.AsSpan(0, document.Length)));
        }
        // File handles follow the rename: every reader opened with delete sharing.
        File.Move(temporary, PathOf(folder, next));
        generation = next;
        File.Delete(PathOf(folder, oldGeneration));
        GC.KeepAlive(oldFile);
        return moved;
    }

    public void Dispose() => file.Dispose();

    private StoredDocument Append(Kind kind, StoredDocument version, ReadOnlySpan<byte> body)
    {
        record.ResetWrittenCount();
        var length = HeaderLength + version.Key.Length + body.Length;
        var span = record.GetSpan(FrameLength + length)[..(FrameLength + length)];
        BinaryPrimitives.WriteInt32LittleEndian(span, length);
        var payload = span[FrameLength..];
        payload[0] = (byte)kind;
        BinaryPrimitives.WriteInt64LittleEndian(payload[1..], version.Lsn);
        BinaryPrimitives.WriteInt64LittleEndian(payload[9..], version.Number);
        BinaryPrimitives.WriteInt64LittleEndian(payload[17..], version.Timestamp);
        BinaryPrimitives.WriteInt32LittleEndian(payload[25..], version.Ttl);
        version.ETag.TryWriteBytes(payload[29..]);
        BinaryPrimitives.WriteInt32LittleEndian(payload[45..], version.Key.Length);
        version.Key.CopyTo(payload[HeaderLength..]);
        body.CopyTo(payload[(HeaderLength + version.Key.Length)..]);
        BinaryPrimitives.WriteUInt32LittleEndian(span[4..], Checksum(payload));
        RandomAccess.Write(file, span, end);
        var placed = Place(version, end + FrameLength + HeaderLength + version.Key.Length, body.Length);
        end += span.Length;
        live += body.Length;
        return placed;
    }

    private StoredDocument Place(StoredDocument version, long offset, int length) => new()
    {
        Key = version.Key,
        Number = version.Number,
        Lsn = version.Lsn,
        ETag = version.ETag,
        Timestamp = version.Timestamp,
        Ttl = version.Ttl,
        File = file,
        Offset = offset,
        Length = length,
    };

    private void Recover(OnRecord onRecord)
    {
        var length = RandomAccess.GetLength(file);
        var reader = new LogReader(file, length);
        while (TryPayload(reader, end, out var payload))
        {
            var kind = (Kind)payload[0];
            if (kind == Kind.Begin && !IsCommitted(reader, end)) { break; }
            // Looking ahead may have moved the reader's window.
            if (!TryPayload(reader, end, out payload)) { break; }
            if (kind is not (Kind.Begin or Kind.Commit)) { onRecord(this, Parse(payload)); }
            end += FrameLength + payload.Length;
        }
        if (end < length) { RandomAccess.SetLength(file, end); }
    }

    private static bool IsCommitted(LogReader reader, long from)
    {
        while (TryPayload(reader, from, out var payload))
        {
            if ((Kind)payload[0] == Kind.Commit) { return true; }
            from += FrameLength + payload.Length;
        }
        return false;
    }

    private static bool TryPayload(LogReader reader, long at, out ReadOnlySpan<byte> payload)
    {
        payload = [];
        if (!reader.TryRead(at, FrameLength, out var frame)) { return false; }
        var size = BinaryPrimitives.ReadInt32LittleEndian(frame);
        var checksum = BinaryPrimitives.ReadUInt32LittleEndian(frame[4..]);
        return size >= HeaderLength && reader.TryRead(at + FrameLength, size, out payload) && Checksum(payload) == checksum;
    }

    private Record Parse(ReadOnlySpan<byte> payload)
    {
        var keyLength = BinaryPrimitives.ReadInt32LittleEndian(payload[45..]);
        var body = payload[(HeaderLength + keyLength)..];
        live += body.Length;
        return new Record
        {
            Kind = (Kind)payload[0],
            Body = body,
            Document = new StoredDocument
            {
                Lsn = BinaryPrimitives.ReadInt64LittleEndian(payload[1..]),
                Number = BinaryPrimitives.ReadInt64LittleEndian(payload[9..]),
                Timestamp = BinaryPrimitives.ReadInt64LittleEndian(payload[17..]),
                Ttl = BinaryPrimitives.ReadInt32LittleEndian(payload[25..]),
                ETag = new Guid(payload.Slice(29, 16)),
                Key = payload.Slice(HeaderLength, keyLength).ToArray(),
                File = file,
                Offset = end + FrameLength + HeaderLength + keyLength,
                Length = body.Length,
            },
        };
    }

    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var crc = 0xFFFFFFFFu;
        for (; bytes.Length >= 8; bytes = bytes[8..]) { crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes)); }
        foreach (var b in bytes) { crc = BitOperations.Crc32C(crc, b); }
        return ~crc;
    }

    private static string PathOf(string folder, int generation) => Path.Combine(folder, $"{generation}.log");

    private static SafeFileHandle OpenFile(string path) =>
        File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
}
