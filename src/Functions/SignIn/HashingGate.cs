using CustomerFunctions.Edge;
using CustomerFunctions.RateLimits;

namespace CustomerFunctions.SignIn;

/// <summary>
/// Bounds the passwords that this instance hashes at once. A hash is processor time and nothing else: one runs on each
/// core, on a thread of its own. A request takes its place before it spends a budget or reads anything; without a free
/// place it gets 503 with Retry-After and has spent nothing. Addresses take turns, and none has more than a quarter of
/// the places, so an address that sends many passwords delays the others by one hash (OWASP ASVS 5, 6.1.1).
/// </summary>
internal sealed partial class HashingGate(TimeProvider clock, ILogger<HashingGate> log)
{
    /// <summary>Places for each core. At a fifth of a second for a hash, the last in the queue waits about three seconds.</summary>
    public const int PlacesPerCore = 16;

    /// <summary>How long the queue takes to move on noticeably.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    /// <summary>One line in the log per this time, with the number of requests that were refused since the last.</summary>
    private static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(10);

    private readonly int slots = Environment.ProcessorCount;
    private readonly Lock door = new();
    private readonly Dictionary<string, int> places = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Queue<Task>> waiting = new(StringComparer.Ordinal);
    private readonly Queue<string> turns = new();
    private int taken;
    private int running;
    private int refused;
    private DateTimeOffset nextLine;

    /// <summary>How many places there are.</summary>
    public int Places => PlacesPerCore * slots;

    /// <summary>How many of them one address may have.</summary>
    public int PlacesOfOneAddress => Places / 4;

    /// <summary>A place for the request, to be given back by disposing of it; or the refusal.</summary>
    public (HashingPlace? Place, Problem? Refusal) TryEnter(HttpContext context)
    {
        var source = SignInBudgets.Source(context.Connection.RemoteIpAddress);
        lock (door)
        {
            var own = places.GetValueOrDefault(source);
            if (taken < Places && own < PlacesOfOneAddress)
            {
                taken++;
                places[source] = own + 1;
                return (new HashingPlace(this, source), null);
            }
            refused++;
            if (clock.GetUtcNow() is var now && now >= nextLine)
            {
                Refused(log, refused, taken, Places);
                (refused, nextLine) = (0, now + BetweenLines);
            }
        }
        return (null, Failures.PasswordsBusy(Pause));
    }

    internal void Leave(string source)
    {
        lock (door)
        {
            taken--;
            if (--places[source] == 0) { places.Remove(source); }
        }
    }

    internal Task<T> Run<T>(string source, Func<T> work, CancellationToken cancellation)
    {
        var hash = new Task<T>(
            () =>
            {
                // Nobody may be waiting any more.
                cancellation.ThrowIfCancellationRequested();
                return work();
            },
            TaskCreationOptions.RunContinuationsAsynchronously);
        lock (door)
        {
            if (!waiting.TryGetValue(source, out var queue))
            {
                waiting[source] = queue = new Queue<Task>();
                turns.Enqueue(source);
            }
            queue.Enqueue(hash);
            if (running == slots) { return hash; }
            running++;
        }
        // Not a thread of the pool: every other request needs those.
        new Thread(Work) { IsBackground = true, Name = "password hashing" }.Start();
        return hash;
    }

    private void Work()
    {
        while (Next() is { } hash) { hash.RunSynchronously(TaskScheduler.Default); }
    }

    /// <summary>The next hash, of each address in turn; null when there is none, and the thread ends.</summary>
    private Task? Next()
    {
        lock (door)
        {
            if (!turns.TryDequeue(out var source)) { running--; return null; }
            var work = waiting[source].Dequeue();
            if (waiting[source].Count > 0) { turns.Enqueue(source); }
            else { waiting.Remove(source); }
            return work;
        }
    }

    [LoggerMessage(1803, LogLevel.Warning, "Passwords come in faster than they can be hashed: {Count} requests were refused since the last such line; {Taken} of {Places} places are taken")]
    private static partial void Refused(ILogger log, int count, int taken, int places);
}

/// <summary>The right to have passwords hashed, one at a time, until it is disposed of.</summary>
internal sealed class HashingPlace(HashingGate gate, string source) : IDisposable
{
    private bool left;

    public Task<T> Run<T>(Func<T> work, CancellationToken cancellation) => gate.Run(source, work, cancellation);

    public void Dispose()
    {
        if (left) { return; }
        left = true;
        gate.Leave(source);
    }
}
