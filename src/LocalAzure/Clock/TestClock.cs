using System.IO.MemoryMappedFiles;

namespace LocalAzure.Clock;

/// <summary>
/// The machine's clock plus an offset that lives in an 8-byte file (little-endian ticks of 100 ns), mapped into memory. LocalAzure moves it;
/// every process that maps the same file (setting <c>Clock__OffsetFile</c>) reads the new time in its next instruction. Timers and stopwatches stay real.
/// </summary>
internal sealed class TestClock : TimeProvider, IDisposable
{
    private readonly MemoryMappedFile file;
    private readonly MemoryMappedViewAccessor view;
    private readonly Lock moving = new();

    private TestClock(MemoryMappedFile file)
    {
        this.file = file;
        view = file.CreateViewAccessor(0, sizeof(long));
    }

    /// <summary>Raised after the clock has moved, so that whoever waits for an instant looks again.</summary>
    public event Action? Moved;

    public TimeSpan Offset => new(view.ReadInt64(0));

    /// <summary>Opens the offset file, or makes it with offset zero.</summary>
    public static TestClock Open(string path)
    {
        var stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        if (stream.Length < sizeof(long)) { stream.SetLength(sizeof(long)); }
        return new TestClock(MemoryMappedFile.CreateFromFile(stream, null, sizeof(long), MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: false));
    }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Offset;

    /// <summary>Moves the clock forward. A clock that runs backwards is not something Azure does, so <paramref name="by"/> may not be negative.</summary>
    public DateTimeOffset Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        lock (moving)
        {
            view.Write(0, (Offset + by).Ticks);
            view.Flush();
        }
        Moved?.Invoke();
        return GetUtcNow();
    }

    public void Dispose()
    {
        view.Dispose();
        file.Dispose();
    }
}
