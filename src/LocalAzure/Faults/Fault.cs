using System.Diagnostics;
using System.Text.RegularExpressions;

namespace LocalAzure.Faults;

internal enum FaultKind
{
    /// <summary>The request takes longer.</summary>
    Latency,
    /// <summary>The service refuses because it is asked too much.</summary>
    Throttle,
    /// <summary>The service answers that it is not available.</summary>
    Unavailable,
    /// <summary>The service refuses for good: whoever asks has no right, or no room is left.</summary>
    Forbidden,
    /// <summary>The service answers too late or never.</summary>
    Timeout,
    /// <summary>The connection breaks.</summary>
    Reset,
    /// <summary>The app's processes end, as by kill -9, and the connection breaks.</summary>
    Kill,
}

/// <summary>One fault that is asked for, and how far it has got. What <see cref="FaultRequest"/> says of the fields holds here.</summary>
internal sealed class Fault(FaultKind kind, FaultRequest request, Regex? operation, Regex? body)
{
    private readonly long started = Stopwatch.GetTimestamp();
    private readonly Random random = request.Seed is { } seed ? new Random(seed) : new Random();
    private readonly Lock deciding = new();
    private int seen;
    private int hits;

    public FaultKind Kind => kind;

    public FaultRequest Request => request;

    public TimeSpan Delay => TimeSpan.FromMilliseconds(request.Milliseconds ?? 0);

    public TimeSpan RetryAfter => TimeSpan.FromMilliseconds(request.RetryAfterMilliseconds);

    public bool IsAfter => request.When == "after";

    public bool IsOver => Stopwatch.GetElapsedTime(started).TotalSeconds >= request.Seconds || (request.Count is { } most && Hits >= most);

    public int Hits => Volatile.Read(ref hits);

    /// <summary>Whether this request is one to fail. Asked once per request: it counts.</summary>
    /// <param name="asked">The request.</param>
    /// <param name="content">Its body; it may be empty where no fault asks for one.</param>
    public bool Hit(HttpRequest asked, string content)
    {
        if (IsOver || operation?.IsMatch($"{asked.Method} {asked.Path}{asked.QueryString}") == false || body?.IsMatch(content) == false) { return false; }
        lock (deciding)
        {
            if (seen++ < request.Skip || (request.Count is { } most && hits >= most) || random.NextDouble() >= request.Share) { return false; }
            hits++;
            return true;
        }
    }
}
