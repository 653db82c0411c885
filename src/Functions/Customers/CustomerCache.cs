using CustomerFunctions.Shared.Azure;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Net.Http.Headers;

namespace CustomerFunctions.Customers;

/// <summary>
/// Customers as this instance last saw them, for whoever can do with a customer a few seconds old and says how old. An instance's own changes are seen by it at once.
/// </summary>
internal sealed class CustomerCache(CustomerStore store, TimeProvider clock) : IDisposable
{
    /// <summary>Nothing is kept longer than this.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    private readonly MemoryCache cache = new(new MemoryCacheOptions { SizeLimit = 20_000 });

    private sealed record Seen(Stored<Customer>? Customer, long At);

    /// <summary>The customer, at most <paramref name="maxAge"/> old; zero reads it from the store. Also how old it is.</summary>
    public async ValueTask<(Stored<Customer>? Customer, TimeSpan Age)> Read(string id, TimeSpan maxAge, CancellationToken cancellation)
    {
        if (maxAge > TimeSpan.Zero && cache.TryGetValue(id, out Seen? seen) && clock.GetElapsedTime(seen!.At) is var age && age <= maxAge) { return (seen.Customer, age); }
        var asked = clock.GetTimestamp();
        var customer = await store.Read(id, cancellation);
        Keep(id, new Seen(customer, asked));
        return (customer, TimeSpan.Zero);
    }

    /// <summary>How old an answer the request accepts: <c>Cache-Control: max-age</c> of a GET (RFC 9111 section 5.2.1.1); zero for everything that changes something.</summary>
    public static TimeSpan AcceptedAge(HttpRequest request) =>
        HttpMethods.IsGet(request.Method) && request.Headers.CacheControl.Count > 0
        && CacheControlHeaderValue.TryParse(request.Headers.CacheControl.ToString(), out var cacheControl) && !cacheControl.NoCache
            ? cacheControl.MaxAge ?? TimeSpan.Zero
            : TimeSpan.Zero;

    /// <summary>Remembers a customer that this instance has just written.</summary>
    public void Remember(Stored<Customer> customer) => Keep(customer.Value.Id, new Seen(customer, clock.GetTimestamp()));

    private void Keep(string id, Seen seen) => cache.Set(id, seen, new MemoryCacheEntryOptions { AbsoluteExpirationRelativeToNow = Longest, Size = 1 });

    public void Dispose() => cache.Dispose();
}
