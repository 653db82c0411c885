namespace CustomerFunctions.Tests.Year;

/// <summary>What happened in a year.</summary>
internal sealed record Tally
{
    public long Units { get; set; }

    public int Repeated { get; set; }

    public int Stopped { get; set; }

    public int Subscribed { get; set; }

    public int Changed { get; set; }

    public int Cancelled { get; set; }

    public int Ended { get; set; }

    public int Failed { get; set; }

    public int Recovered { get; set; }

    public int Suspended { get; set; }

    /// <summary>Stripe's events, repeats included.</summary>
    public int Heard { get; set; }

    public static Tally Of(IReadOnlyList<Tally> all) => new()
    {
        Units = all.Sum(one => one.Units),
        Repeated = all.Sum(one => one.Repeated),
        Stopped = all.Sum(one => one.Stopped),
        Subscribed = all.Sum(one => one.Subscribed),
        Changed = all.Sum(one => one.Changed),
        Cancelled = all.Sum(one => one.Cancelled),
        Ended = all.Sum(one => one.Ended),
        Failed = all.Sum(one => one.Failed),
        Recovered = all.Sum(one => one.Recovered),
        Suspended = all.Sum(one => one.Suspended),
        Heard = all.Sum(one => one.Heard),
    };
}
