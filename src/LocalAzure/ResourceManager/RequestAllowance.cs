using System.Globalization;

namespace LocalAzure.ResourceManager;

/// <summary>
/// How many requests a subscription has left, as ARM reports it on every answer: a bucket of tokens per kind of request, which fills up
/// again by the second (learn.microsoft.com: "Understand how Azure Resource Manager throttles requests"). It is reported, not enforced:
/// who wants throttling asks for it as a fault.
/// </summary>
internal sealed class RequestAllowance(TimeProvider clock)
{
    private readonly Bucket reads = new("x-ms-ratelimit-remaining-subscription-reads", 250, 25);
    private readonly Bucket writes = new("x-ms-ratelimit-remaining-subscription-writes", 200, 10);
    private readonly Bucket deletes = new("x-ms-ratelimit-remaining-subscription-deletes", 200, 10);
    private readonly Lock gate = new();

    /// <summary>Takes one token for the request and reports what is left of its kind.</summary>
    public void Count(HttpContext context)
    {
        var bucket = context.Request.Method switch { "GET" => reads, "DELETE" => deletes, _ => writes };
        int left;
        lock (gate) { left = bucket.Take(clock.GetUtcNow()); }
        context.Response.Headers[bucket.Header] = left.ToString(CultureInfo.InvariantCulture);
    }

    private sealed class Bucket(string header, int size, int perSecond)
    {
        private double tokens = size;
        private DateTimeOffset filled;

        public string Header => header;

        public int Take(DateTimeOffset now)
        {
            tokens = Math.Min(size, tokens + (Math.Max(0, (now - filled).TotalSeconds) * perSecond));
            filled = now;
            tokens = Math.Max(0, tokens - 1);
            return (int)tokens;
        }
    }
}
