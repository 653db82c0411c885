using System.Collections.Concurrent;

namespace CustomerFunctions.AccessLog;

/// <summary>One count as it grows in an instance's memory, under a part of its own in the table.</summary>
internal sealed class AccessTally(AccessSubject subject, DateTimeOffset firstAt)
{
    private readonly Lock gate = new();
    private long count;
    private DateTimeOffset lastAt;
    private DateTimeOffset? writtenAt;
    private bool isNews;

    public AccessSubject Subject => subject;

    /// <summary>Makes its row its own: when the count begins anew, after being forgotten, it adds to what was written and does not replace it.</summary>
    public string Part { get; } = Guid.NewGuid().ToString("N")[..12];

    /// <summary>Counts one; true when it is to be written now.</summary>
    public bool Add(DateTimeOffset at, TimeSpan interval)
    {
        lock (gate)
        {
            count++;
            lastAt = at > lastAt ? at : lastAt;
            isNews = true;
            if (at - writtenAt < interval) { return false; }
            writtenAt = at;
            return true;
        }
    }

    /// <summary>Whether something is counted that is not written, and was not tried within the interval.</summary>
    public bool IsDue(DateTimeOffset at, TimeSpan interval)
    {
        lock (gate)
        {
            if (!isNews || at - writtenAt < interval) { return false; }
            writtenAt = at;
            return true;
        }
    }

    /// <summary>Whether everything is written and nothing more can come.</summary>
    public bool IsOver(DateTimeOffset at)
    {
        lock (gate) { return !isNews && at - subject.Hour > TimeSpan.FromHours(1); }
    }

    public AccessCount Take()
    {
        lock (gate)
        {
            isNews = false;
            return new AccessCount(subject, count, firstAt, lastAt);
        }
    }

    /// <summary>What was taken could not be written.</summary>
    public void PutBack()
    {
        lock (gate) { isNews = true; }
    }
}

/// <summary>The counts of an instance. Neither many addresses nor many keys make it grow without bound.</summary>
/// <param name="maxAddresses">How many addresses of one key are told apart in an hour.</param>
/// <param name="maxHolders">How many keys (and hours) are remembered; beyond it, addresses of further ones are not told apart.</param>
/// <param name="interval">How often one count is written at the most.</param>
internal sealed class AccessTallies(int maxAddresses, int maxHolders, TimeSpan interval)
{
    private readonly ConcurrentDictionary<AccessSubject, AccessTally> tallies = new();

    /// <summary>By subject without an address: how many addresses it has.</summary>
    private readonly ConcurrentDictionary<AccessSubject, int> addresses = new();

    /// <summary>Counts one; returns the count when it is to be written now.</summary>
    public AccessTally? Add(AccessSubject subject, DateTimeOffset now)
    {
        if (!tallies.TryGetValue(subject, out var tally))
        {
            var known = addresses.Count < maxHolders ? addresses.AddOrUpdate(subject with { Address = "" }, 1, (_, count) => Math.Min(count + 1, maxAddresses + 1)) : maxAddresses + 1;
            tally = tallies.GetOrAdd(known > maxAddresses ? subject with { Address = AccessSubject.OtherAddresses } : subject, (missing, at) => new AccessTally(missing, at), now);
        }
        return tally.Add(now, interval) ? tally : null;
    }

    /// <summary>What is to be written now. What is written and over is forgotten.</summary>
    public IReadOnlyList<AccessTally> Due(DateTimeOffset now)
    {
        foreach (var (subject, _) in tallies.Where(pair => pair.Value.IsOver(now))) { tallies.TryRemove(subject, out _); }
        foreach (var (subject, _) in addresses.Where(pair => now - pair.Key.Hour > TimeSpan.FromHours(2))) { addresses.TryRemove(subject, out _); }
        return [.. tallies.Values.Where(tally => tally.IsDue(now, interval))];
    }
}
