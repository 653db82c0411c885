namespace LocalAzure.FunctionsHost;

/// <summary>What the host writes into LocalAzure's log.</summary>
internal static partial class Log
{
    [LoggerMessage(3001, LogLevel.Information, "Instance {Index} started as process {Pid} on port {Port}")]
    public static partial void Started(ILogger log, int index, int pid, int port);

    [LoggerMessage(3002, LogLevel.Warning, "Instance {Index} (process {Pid}) exited with code {ExitCode}; the host starts it again")]
    public static partial void Exited(ILogger log, int index, int pid, int exitCode);

    [LoggerMessage(3003, LogLevel.Warning, "Request to {Function} failed between host and app: {Reason}")]
    public static partial void ForwardingFailed(ILogger log, string function, string reason);

    [LoggerMessage(3004, LogLevel.Information, "{Function} ({Invocation}) succeeded")]
    public static partial void Succeeded(ILogger log, string function, string invocation);

    [LoggerMessage(3005, LogLevel.Error, "{Function} ({Invocation}) failed: {Failure}")]
    public static partial void Failed(ILogger log, string function, string invocation, string failure);

    [LoggerMessage(3006, LogLevel.Information, "{Function} ({Invocation}): {Line}")]
    public static partial void Line(ILogger log, string function, string invocation, string line);

    [LoggerMessage(3007, LogLevel.Information, "{Function} is due next at {Next:O}")]
    public static partial void DueNext(ILogger log, string function, DateTimeOffset next);

    [LoggerMessage(3008, LogLevel.Warning, "{Function} took longer than {Timeout}; the host restarts the instance it ran on")]
    public static partial void TimedOut(ILogger log, string function, TimeSpan timeout);
}
