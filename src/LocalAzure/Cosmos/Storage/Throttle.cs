namespace LocalAzure.Cosmos.Storage;

/// <summary>
/// Request units of the current second. As in Cosmos DB the request that crosses the line is served and the following ones are refused with 429
/// until the second is over.
/// </summary>
internal sealed class Throttle(TimeProvider clock)
{
    private readonly Lock gate = new();
    private long second;
    private double spent;

    /// <summary>Null when a request may start now; else how long it should wait.</summary>
    public TimeSpan? Wait(int throughput)
    {
        lock (gate)
        {
            var now = Roll();
            return spent < throughput ? null : DateTimeOffset.FromUnixTimeSeconds(second + 1) - now;
        }
    }

    public void Spend(double charge)
    {
        lock (gate)
        {
            Roll();
            spent += charge;
        }
    }

    private DateTimeOffset Roll()
    {
        var now = clock.GetUtcNow();
        if (now.ToUnixTimeSeconds() != second) { (second, spent) = (now.ToUnixTimeSeconds(), 0); }
        return now;
    }
}
