namespace CustomerFunctions.RateLimits;

/// <summary>What one instance remembers of one log: who is refused for how long, what it saw last, and what it allowed while the store did not answer.</summary>
internal sealed class SeenKey
{
    private readonly Lock door = new();
    private readonly Dictionary<(bool IsKnown, string? Source), Judgement> refused = [];
    private readonly List<Attempt> alone = [];
    private List<Attempt> last = [];

    /// <summary>Whether the document has been seen; a guess that saves a request when it is right.</summary>
    public bool Exists { get; set; }

    /// <summary>The refusal that stands already, if one does.</summary>
    public Judgement? RefusalOf(Attempt attempt)
    {
        lock (door)
        {
            if (refused.TryGetValue((attempt.IsKnown, null), out var total) && total.Until > attempt.At) { return total; }
            return refused.TryGetValue((attempt.IsKnown, attempt.Source), out var own) && own.Until > attempt.At ? own : null;
        }
    }

    public void Remember(Attempt attempt, Judgement refusal)
    {
        lock (door)
        {
            if (refused.Count > AttemptLog.Longest) { refused.Clear(); }
            refused[(attempt.IsKnown, refusal.IsTotal ? null : attempt.Source)] = refusal;
        }
    }

    /// <summary>Judges by the store's log, and by what was allowed here while there was none.</summary>
    public Judgement Judge(List<Attempt> log, Attempt attempt, Budget budget)
    {
        lock (door)
        {
            Exists = true;
            last = log;
            return SlidingWindow.Judge([.. alone, .. log], attempt.Id, budget);
        }
    }

    /// <summary>Judges without the store, on the log as it was seen last.</summary>
    public Judgement JudgeAlone(Attempt attempt, Budget budget, DateTimeOffset now)
    {
        lock (door)
        {
            var judgement = SlidingWindow.Judge([.. last.Where(other => other.Id != attempt.Id), .. alone, attempt], attempt.Id, budget);
            if (!judgement.IsAllowed) { return judgement; }
            var kept = SlidingWindow.Prune([.. alone, attempt], budget, now);
            alone.Clear();
            alone.AddRange(kept);
            return judgement;
        }
    }
}
