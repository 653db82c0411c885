namespace LocalAzure.FunctionsHost;

/// <summary>What the host remembers of a timer across restarts, and tells the function.</summary>
/// <param name="Last">When it was last due and run; the start of the epoch before its first run.</param>
/// <param name="Next">When it is due next.</param>
/// <param name="LastUpdated">When this was written.</param>
internal sealed record ScheduleStatus(DateTime Last, DateTime Next, DateTime LastUpdated);
