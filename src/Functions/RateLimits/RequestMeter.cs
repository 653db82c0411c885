using System.Globalization;

namespace CustomerFunctions.RateLimits;

/// <summary>
/// Counts one caller's requests in the running minute, as far as this instance answers them. It hands out permits that it has taken from the shared count in blocks of a tenth of the
/// quota, and fetches the next block while there are some left, so that a request waits for it only in a burst. Half a block is free in every minute: a caller who asks
/// now and then costs no request to the store, and a quota may be exceeded by that much for each further instance.
/// </summary>
internal sealed class RequestMeter(string caller, RequestCounts counts, TimeProvider clock)
{
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Lock door = new();
    private int quota;
    private long minute;
    private int used;
    private int covered;
    private int othersUsed;
    private bool isUsedUp;
    private Task? fetching;

    /// <summary>Whether another request may come in now.</summary>
    public async ValueTask<bool> Enter(int atFirst)
    {
        while (true)
        {
            Task wait;
            lock (door)
            {
                if (quota == 0) { quota = atFirst; }
                Begin(clock.GetUtcNow());
                var (block, granted) = (Math.Max(1, quota / 10), Granted);
                if (used < granted)
                {
                    used++;
                    if (granted - used < (block + 3) / 4 && !isUsedUp) { fetching ??= Fetch(minute, block, quota); }
                    return true;
                }
                if (isUsedUp) { return false; }
                wait = fetching ??= Fetch(minute, block, quota);
            }
            await wait;
        }
    }

    /// <summary>The caller's quota, once it is known; it may change with the plan.</summary>
    public void Learn(int requestsPerMinute)
    {
        lock (door)
        {
            if (quota != requestsPerMinute) { (quota, isUsedUp) = (requestsPerMinute, false); }
        }
    }

    public RateLimitStatus Status
    {
        get
        {
            lock (door)
            {
                var now = clock.GetUtcNow();
                Begin(now);
                var end = DateTimeOffset.FromUnixTimeSeconds((minute + 1) * 60);
                return new RateLimitStatus("requests", quota, Window, isUsedUp ? Math.Max(0, Granted - used) : Math.Max(0, quota - othersUsed - used), end - now);
            }
        }
    }

    private int Granted => Math.Max(covered, Math.Max(1, quota / 20));

    private void Begin(DateTimeOffset now)
    {
        var current = now.ToUnixTimeSeconds() / 60;
        if (current != minute) { (minute, used, covered, othersUsed, isUsedUp, fetching) = (current, 0, 0, 0, false, null); }
    }

    /// <summary>Takes a block from the shared count. Without the store the caller has the whole quota at this instance alone.</summary>
    private async Task Fetch(long ofMinute, int block, int ofQuota)
    {
        await Task.Yield();
        var before = await counts.Take(string.Create(CultureInfo.InvariantCulture, $"requests:{caller}:{ofMinute}"), block);
        lock (door)
        {
            if (minute != ofMinute) { return; }
            var granted = before is { } taken ? Math.Clamp(ofQuota - taken, 0, block) : Math.Max(0, ofQuota - covered);
            if (before is { } known) { othersUsed = Math.Max(0, known - covered); }
            covered += granted;
            isUsedUp = granted < block || before is null;
            fetching = null;
        }
    }
}
