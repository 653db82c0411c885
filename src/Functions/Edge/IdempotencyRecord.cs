using CustomerFunctions.Shared;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.Edge;

/// <summary>What is known of a request that carries an Idempotency-Key. Its id holds caller, route and key as one SHA-256.</summary>
internal sealed record IdempotencyRecord : Document
{
    public const string DocumentType = "idempotency";

    /// <summary>IETF draft 07, section 2.3 leaves the time to the server; so long as most others keep it.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromHours(24);

    /// <summary>HMAC-SHA256, under the key, of the body that came with it.</summary>
    public required string BodyHash { get; init; }

    /// <summary>Where the ids of what is created come from; see <see cref="NewIds"/>.</summary>
    public required string Seed { get; init; }

    /// <summary>Until when somebody is at work on it, unless the answer is there.</summary>
    public required DateTimeOffset LeasedUntil { get; init; }

    /// <summary>The answer, protected: an API key's value stands in it.</summary>
    public string? Answer { get; init; }

    public static IdempotencyRecord Begin(string id, string bodyHash, TimeProvider clock) => new()
    {
        Id = id,
        Type = DocumentType,
        BodyHash = bodyHash,
        Seed = Ids.NewUlid(clock),
        LeasedUntil = clock.GetUtcNow(),
        Ttl = (int)Life.TotalSeconds,
    };
}

/// <summary>An answer as it is kept to be given again.</summary>
/// <param name="Status">Its status.</param>
/// <param name="Headers">The headers that belong to it.</param>
/// <param name="Body">Its body.</param>
internal sealed record KeptAnswer(int Status, IReadOnlyDictionary<string, string> Headers, ReadOnlyMemory<byte> Body)
{
    private static readonly string[] Kept = ["Content-Type", "Location", "ETag", "Cache-Control", "Operation-Location", "Retry-After"];

    public static KeptAnswer Of(HttpResponse response, ReadOnlyMemory<byte> body) =>
        new(response.StatusCode, Kept.Where(response.Headers.ContainsKey).ToDictionary(name => name, name => response.Headers[name].ToString()), body);

    public void WriteHeadersTo(HttpResponse response)
    {
        response.StatusCode = Status;
        foreach (var (name, value) in Headers) { response.Headers[name] = value; }
        response.Headers[Idempotency.ReplayedHeader] = "true";
    }
}
