using System.Collections.Concurrent;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.Edge;

/// <summary>
/// One run of a timer function over whatever is due: a batch at a time, a few items at once, one item's failure never another's. It stops starting
/// items well before the host's function timeout; what is left is due again at the next run.
/// </summary>
internal sealed partial class TimerPass(TimeProvider clock, ILogger<TimerPass> log)
{
    public const string Skipped = "skipped";
    public const string Failed = "failed";

    /// <summary>host.json gives a function ten minutes; the rest is for the items under way.</summary>
    public static readonly TimeSpan Budget = TimeSpan.FromMinutes(7);

    private const int BatchSize = 100;
    private const int AtOnce = 8;

    /// <summary>So many items of a batch that another instance has got hold of first mean that it is at the same batch: what is due is asked for anew then, instead of racing it for each.</summary>
    private const int MostContested = 3;

    /// <param name="name">The function's.</param>
    /// <param name="due">Reads up to so many items that are due; an item that was dealt with must not be among them again.</param>
    /// <param name="handle">Deals with one item and says, in a word, what came of it.</param>
    /// <param name="cancellation">Ends the run.</param>
    public async Task<TimerResult> Run<T>(
        string name, Func<int, CancellationToken, Task<IReadOnlyList<Stored<T>>>> due, Func<Stored<T>, CancellationToken, Task<string>> handle, CancellationToken cancellation)
        where T : Document
    {
        var started = clock.GetTimestamp();
        var outcomes = new ConcurrentDictionary<string, int>();
        var seen = new ConcurrentDictionary<string, bool>();
        var complete = false;
        while (!complete && clock.GetElapsedTime(started) < Budget)
        {
            var batch = await due(BatchSize, cancellation);
            var fresh = batch.Where(item => !seen.ContainsKey(item.Value.Id)).ToArray();
            // Instances that run at once read the same batch; each begins somewhere else in it.
            Random.Shared.Shuffle(fresh);
            var contested = 0;
            await Parallel.ForEachAsync(fresh, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation }, async (item, token) =>
            {
                if (clock.GetElapsedTime(started) >= Budget || Volatile.Read(ref contested) >= MostContested) { return; }
                seen[item.Value.Id] = true;
                var outcome = await HandleOne(name, item, handle, token);
                if (outcome == Skipped) { Interlocked.Increment(ref contested); }
                outcomes.AddOrUpdate(outcome, 1, (_, count) => count + 1);
            });
            // Items that were seen and are still due belong to another instance, or failed to be saved; the next run looks at them again.
            complete = fresh.Length == 0;
        }
        return new TimerResult(outcomes.OrderBy(outcome => outcome.Key, StringComparer.Ordinal).ToDictionary());
    }

    private async Task<string> HandleOne<T>(string name, Stored<T> item, Func<Stored<T>, CancellationToken, Task<string>> handle, CancellationToken cancellation)
        where T : Document
    {
        try
        {
            return await handle(item, cancellation);
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            ItemFailed(log, name, item.Value.Id, e.GetType().Name);
            return Failed;
        }
    }

    [LoggerMessage(1301, LogLevel.Error, "{Function}: {ItemId} failed and is due again at the next run: {Exception}")]
    private static partial void ItemFailed(ILogger log, string function, string itemId, string exception);
}
