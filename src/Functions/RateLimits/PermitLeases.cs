using Microsoft.Extensions.Caching.Memory;

namespace CustomerFunctions.RateLimits;

/// <summary>
/// Budgets that are used up in blocks: an instance takes several permits with one request to the store and hands them out from memory. What it has not handed out when
/// the lease ends is lost to the window, so a budget errs towards fewer, never towards more.
/// </summary>
internal sealed class PermitLeases(AttemptLog log, TimeProvider clock) : IDisposable
{
    private readonly MemoryCache stocks = new(new MemoryCacheOptions { SizeLimit = 50_000 });

    /// <summary>Takes a permit; the stock it is from, to which it may be returned, or the refusal.</summary>
    public async Task<(PermitStock? Stock, Judgement Judgement)> Take(LeasedBudget budget, string key, CancellationToken cancellation)
    {
        var stock = stocks.GetOrCreate((budget.Name, key), entry => { entry.Size = 1; entry.SlidingExpiration = LeasedBudget.Lease + budget.Window; return new PermitStock(); })!;
        if (stock.TryTake(clock.GetUtcNow())) { return (stock, new Judgement(true)); }
        await stock.Refilling.WaitAsync(cancellation);
        try
        {
            var now = clock.GetUtcNow();
            if (stock.TryTake(now)) { return (stock, new Judgement(true)); }
            var judgement = await log.Take(key, budget.Blocks, Attempt.New(now), forgiven: null, cancellation);
            if (!judgement.IsAllowed) { return (null, judgement); }
            stock.Fill(budget.Block - 1, now + LeasedBudget.Lease);
            return (stock, judgement);
        }
        finally
        {
            stock.Refilling.Release();
        }
    }

    public void Dispose() => stocks.Dispose();
}

/// <summary>The permits that this instance holds for one key.</summary>
internal sealed class PermitStock
{
    private readonly Lock door = new();
    private int permits;
    private DateTimeOffset until;

    /// <summary>One request at a time asks the store; the others wait for what it brings.</summary>
    public SemaphoreSlim Refilling { get; } = new(1);

    public bool TryTake(DateTimeOffset now)
    {
        lock (door)
        {
            if (permits == 0 || now >= until) { return false; }
            permits--;
            return true;
        }
    }

    public void Fill(int count, DateTimeOffset leaseEnd)
    {
        lock (door) { (permits, until) = (count, leaseEnd); }
    }

    /// <summary>Gives back a permit that was not needed, for whoever comes next here.</summary>
    public void Return(DateTimeOffset now)
    {
        lock (door)
        {
            if (now < until) { permits++; }
        }
    }
}
