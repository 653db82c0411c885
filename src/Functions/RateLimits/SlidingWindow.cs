namespace CustomerFunctions.RateLimits;

/// <summary>What a log says of an attempt.</summary>
/// <param name="IsAllowed">Whether it may go on.</param>
/// <param name="Until">When a refused one may be repeated, unix milliseconds.</param>
/// <param name="IsTotal">Whether every source is refused until then, and not only this one.</param>
internal readonly record struct Judgement(bool IsAllowed, long Until = 0, bool IsTotal = false);

/// <summary>
/// The rule. An attempt is allowed when, in the window before it, the log holds fewer allowed ones than the limit: of its source, and in all. The order of the entries decides
/// and no clock: every instance that reads a log comes to the same result about each entry, and of any window's entries the last allowed one had fewer than the limit
/// before it, whatever the instances' clocks say.
/// </summary>
internal static class SlidingWindow
{
    /// <summary>What becomes of <paramref name="id"/>; entries behind it do not matter.</summary>
    public static Judgement Judge(IReadOnlyList<Attempt> log, string id, Budget budget)
    {
        var allowed = new List<Attempt>(log.Count);
        foreach (var attempt in log)
        {
            var judgement = Judge(allowed, attempt, budget);
            if (attempt.Id == id) { return judgement; }
            if (judgement.IsAllowed && !Contains(allowed, attempt)) { allowed.Add(attempt); }
        }
        throw new ArgumentException("The log does not hold the attempt.", nameof(id));
    }

    /// <summary>The entries that still matter: allowed ones, of the last two windows. What follows them is judged as it would be behind the whole log.</summary>
    public static List<Attempt> Prune(IReadOnlyList<Attempt> log, Budget budget, DateTimeOffset now)
    {
        var allowed = new List<Attempt>(log.Count);
        foreach (var attempt in log)
        {
            if (Judge(allowed, attempt, budget).IsAllowed && !Contains(allowed, attempt)) { allowed.Add(attempt); }
        }
        // Twice: the clock that prunes may be ahead of the one that asks next.
        var oldest = (now - (2 * budget.Window)).ToUnixTimeMilliseconds();
        allowed.RemoveAll(attempt => attempt.At < oldest);
        return allowed;
    }

    private static Judgement Judge(List<Attempt> allowed, Attempt attempt, Budget budget)
    {
        var window = (long)budget.Window.TotalMilliseconds;
        var inWindow = allowed.Where(other => other.IsKnown == attempt.IsKnown && other.At > attempt.At - window).ToList();
        var ofSource = inWindow.Where(other => other.Source == attempt.Source).ToList();
        var (total, own) = (FreeAt(inWindow, budget.Total, window), FreeAt(ofSource, budget.Limit, window));
        return total is null && own is null ? new(true) : new(false, Math.Max(total ?? 0, own ?? 0), total >= (own ?? 0));
    }

    /// <summary>When fewer than <paramref name="limit"/> of these are left in the window; null when they are fewer already.</summary>
    private static long? FreeAt(List<Attempt> counted, int limit, long window) =>
        counted.Count < limit ? null : counted.Select(attempt => attempt.At).Order().ElementAt(counted.Count - limit) + window;

    private static bool Contains(List<Attempt> log, Attempt attempt) => log.Exists(other => other.Id == attempt.Id);
}
