namespace LocalAzure;

/// <summary>Lines that a child process printed, as a file that others may read at any time; the last line is kept at hand.</summary>
internal sealed class LineFile : IDisposable
{
    private readonly StreamWriter file;
    private readonly Lock writing = new();
    private bool closed;

    public LineFile(string path)
    {
        Path = path;
        file = new StreamWriter(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete)) { AutoFlush = true };
    }

    public string Path { get; }

    public string? Last { get; private set; }

    public void Add(string line)
    {
        lock (writing)
        {
            if (closed) { return; }
            if (!string.IsNullOrWhiteSpace(line)) { Last = line; }
            file.WriteLine(line);
        }
    }

    public void Dispose()
    {
        lock (writing)
        {
            closed = true;
            file.Dispose();
        }
    }
}
