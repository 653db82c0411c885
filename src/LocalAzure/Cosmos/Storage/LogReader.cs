using Microsoft.Win32.SafeHandles;

namespace LocalAzure.Cosmos.Storage;

/// <summary>Reads a file from front to back in large steps, whatever the size of the pieces asked for.</summary>
internal sealed class LogReader(SafeFileHandle file, long length)
{
    private byte[] window = new byte[4 * 1024 * 1024];
    private long windowStart;
    private int windowLength;

    /// <summary>The bytes at <paramref name="offset"/>; valid until the next call. False when the file ends before them.</summary>
    public bool TryRead(long offset, int count, out ReadOnlySpan<byte> bytes)
    {
        bytes = [];
        if (offset + count > length) { return false; }
        if (offset < windowStart || offset + count > windowStart + windowLength) { Fill(offset, count); }
        bytes = window.AsSpan((int)(offset - windowStart), count);
        return true;
    }

    private void Fill(long offset, int count)
    {
        if (window.Length < count) { window = new byte[count * 2]; }
        (windowStart, windowLength) = (offset, 0);
        while (windowLength < count)
        {
            var read = RandomAccess.Read(file, window.AsSpan(windowLength), offset + windowLength);
            if (read == 0) { throw new EndOfStreamException("The log shrank while it was read."); }
            windowLength += read;
        }
    }
}
