using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace LocalAzure.State;

/// <summary>
/// The durable form of a small emulator: every change is one line, a checksum and its JSON, in a file that only its owner may read.
/// <see cref="Append"/> returns when the operating system has the line, so an acknowledged change survives the end of the process however
/// it comes (kill -9); it is not forced to the disk, so a power cut may lose the last moments.
/// </summary>
internal sealed class Journal<TChange> : IDisposable
{
    private const int ChecksumLength = 8;
    private readonly string path;
    private readonly JsonTypeInfo<TChange> type;
    private FileStream file;

    private Journal(string path, JsonTypeInfo<TChange> type)
    {
        this.path = path;
        this.type = type;
        file = OwnerOnlyFile.Open(path);
    }

    /// <summary>
    /// Opens or makes the journal and gives every change in it to <paramref name="replay"/>, oldest first. A last line that was cut off
    /// by a crash was never acknowledged and is dropped; damage anywhere else is an <see cref="InvalidDataException"/> that names file
    /// and line.
    /// </summary>
    public static Journal<TChange> Open(string path, JsonTypeInfo<TChange> type, Action<TChange> replay)
    {
        var journal = new Journal<TChange>(path, type);
        try
        {
            journal.Replay(replay);
            return journal;
        }
        catch
        {
            journal.Dispose();
            throw;
        }
    }

    /// <summary>How many changes the file holds.</summary>
    public int Count { get; private set; }

    public void Append(TChange change)
    {
        var end = file.Length;
        try
        {
            file.Position = end;
            file.Write(Line(change));
            Count++;
        }
        catch (IOException)
        {
            // A full disk may have taken half a line; the next change must not follow it.
            file.SetLength(end);
            throw;
        }
    }

    /// <summary>Puts fewer changes in place of all that led to the same state.</summary>
    public void Replace(IReadOnlyCollection<TChange> changes)
    {
        using var lines = new MemoryStream();
        foreach (var change in changes) { lines.Write(Line(change)); }
        file.Dispose();
        try { OwnerOnlyFile.Write(path, lines.ToArray()); }
        finally { file = OwnerOnlyFile.Open(path); }
        Count = changes.Count;
    }

    public void Dispose() => file.Dispose();

    private void Replay(Action<TChange> replay)
    {
        var content = new byte[file.Length];
        file.ReadExactly(content);
        for (var start = 0; start < content.Length;)
        {
            var length = content.AsSpan(start).IndexOf((byte)'\n');
            if (length < 0 || !IsIntact(content.AsSpan(start, length)))
            {
                var isLast = length < 0 || start + length + 1 == content.Length;
                if (!isLast) { throw new InvalidDataException($"{path} is damaged in line {Count + 1}."); }
                file.SetLength(start);
                return;
            }
            var json = content.AsSpan(start + ChecksumLength + 1, length - ChecksumLength - 1);
            replay(JsonSerializer.Deserialize(json, type) ?? throw new InvalidDataException($"{path} holds nothing in line {Count + 1}."));
            Count++;
            start += length + 1;
        }
    }

    private byte[] Line(TChange change)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(change, type);
        return [.. Checksum(json), (byte)' ', .. json, (byte)'\n'];
    }

    private static bool IsIntact(ReadOnlySpan<byte> line) =>
        line.Length > ChecksumLength && line[..ChecksumLength].SequenceEqual(Checksum(line[(ChecksumLength + 1)..]));

    private static byte[] Checksum(ReadOnlySpan<byte> json) =>
        Encoding.ASCII.GetBytes(Convert.ToHexString(SHA256.HashData(json), 0, ChecksumLength / 2));
}
