using System.IO.MemoryMappedFiles;

namespace CustomerFunctions.Shared;

/// <summary>
/// The system clock plus an offset that a development environment keeps in an 8-byte file (little-endian ticks of 100 ns). The file is mapped into memory, so a
/// moved clock is seen by the next read, in every process. Timers and stopwatches stay real. Setting <c>Clock__OffsetFile</c>; refused outside Development.
/// </summary>
public sealed class OffsetClock : TimeProvider, IDisposable
{
    private readonly MemoryMappedFile file;
    private readonly MemoryMappedViewAccessor view;

    public OffsetClock(string path)
    {
        var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        file = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        view = file.CreateViewAccessor(0, sizeof(long), MemoryMappedFileAccess.Read);
    }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + new TimeSpan(view.ReadInt64(0));

    public void Dispose()
    {
        view.Dispose();
        file.Dispose();
    }
}
