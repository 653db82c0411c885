using System.Globalization;

namespace LocalAzure;

/// <summary>LocalAzure's own log, as a file below the state folder: the console is for what a person has to read.</summary>
internal sealed class FileLog(string path) : ILoggerProvider
{
    private readonly StreamWriter file = new(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete)) { AutoFlush = true };
    private readonly Lock writing = new();

    public ILogger CreateLogger(string categoryName) => new Category(this, categoryName[(categoryName.LastIndexOf('.') + 1)..]);

    public void Dispose()
    {
        lock (writing) { file.Dispose(); }
    }

    private void Write(LogLevel level, string category, string text)
    {
        var at = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        lock (writing)
        {
            if (file.BaseStream.CanWrite) { file.WriteLine($"{at} {level} {category}: {text}"); }
        }
    }

    private sealed class Category(FileLog log, string name) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            log.Write(logLevel, name, exception is null ? formatter(state, exception) : $"{formatter(state, exception)}{Environment.NewLine}{exception}");
    }
}
