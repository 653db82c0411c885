using CustomerFunctions.Shared.Azure;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Net.Http.Headers;

namespace CustomerFunctions.Customers;

/// <summary>
/// Customers as this instance last read or wrote them, for whoever can do with a customer a few seconds old and says how
/// old. <see cref="CustomerStore"/> alone fills it, with every write, so that an instance sees its own changes at once.
/// </summary>
internal sealed class CustomerCache(TimeProvider clock) : IDisposable
{
    /// <summary>Nothing is kept longer than this.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    private readonly MemoryCache cache = new(new MemoryCacheOptions { SizeLimit = 20_000 });
    private readonly Lock keeping = new();

    /// <param name="Customer">The customer; null when there was none.</param>
    /// <param name="Revision">Its revision, or the one that its removal is.</param>
    /// <param name="At">When that was so.</param>
    private sealed record Seen(Stored<Customer>? Customer, long Revision, long At)
    {
        /// <summary>Whether this is later than what is known: requests end in another order than the store took them.</summary>
        public bool Follows(Seen known) => Customer is null ? At >= known.At : Revision >= known.Revision;
    }

    /// <summary>The customer, at most <paramref name="maxAge"/> old, and how old; null when that is not known.</summary>
    public (Stored<Customer>? Customer, TimeSpan Age)? Find(string id, TimeSpan maxAge) =>
        maxAge > TimeSpan.Zero && cache.TryGetValue(id, out Seen? seen) && clock.GetElapsedTime(seen!.At) is var age && age <= maxAge ? (seen.Customer, age) : null;

    /// <summary>Takes what was read by a request that began at <paramref name="asked"/>.</summary>
    public void KeepRead(string id, Stored<Customer>? customer, long asked) => Keep(id, new Seen(customer, customer?.Value.Revision ?? 0, asked));

    /// <summary>Takes what was written; null when that is not known: the write was refused, or its answer did not come.</summary>
    public void KeepWritten(string id, Stored<Customer>? customer)
    {
        if (customer is null) { cache.Remove(id); }
        else { Keep(id, new Seen(customer, customer.Value.Revision, clock.GetTimestamp())); }
    }

    public void KeepRemoved(Customer customer) => Keep(customer.Id, new Seen(Customer: null, customer.Revision + 1, clock.GetTimestamp()));

    /// <summary>How old an answer the request accepts: <c>Cache-Control: max-age</c> of a GET (RFC 9111 section 5.2.1.1); zero for everything that changes something.</summary>
    public static TimeSpan AcceptedAge(HttpRequest request) =>
        HttpMethods.IsGet(request.Method) && request.Headers.CacheControl.Count > 0
        && CacheControlHeaderValue.TryParse(request.Headers.CacheControl.ToString(), out var cacheControl) && !cacheControl.NoCache
            ? cacheControl.MaxAge ?? TimeSpan.Zero
            : TimeSpan.Zero;

    public void Dispose() => cache.Dispose();

    private void Keep(string id, Seen seen)
    {
        lock (keeping)
        {
            if (cache.TryGetValue(id, out Seen? known) && !seen.Follows(known!)) { return; }
            cache.Set(id, seen, new MemoryCacheEntryOptions { AbsoluteExpirationRelativeToNow = Longest, Size = 1 });
        }
    }
}
