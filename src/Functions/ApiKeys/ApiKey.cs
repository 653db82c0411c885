using System.Text.Json.Serialization;
using CustomerFunctions.Access;
using CustomerFunctions.Edge;
using CustomerFunctions.LeakDesk;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.ApiKeys;

public enum ApiKeyState
{
    [JsonStringEnumMemberName("active")] Active,
    [JsonStringEnumMemberName("revoked")] Revoked,

    /// <summary>Refused until it is enabled again.</summary>
    [JsonStringEnumMemberName("disabled")] Disabled,

    /// <summary>Never stored: an active key whose <c>expiresAt</c> has passed.</summary>
    [JsonStringEnumMemberName("expired")] Expired,
}

/// <summary>A secret that was rolled: good until its grace is over.</summary>
internal sealed record SupersededSecret(string Hash, string LastFour, DateTimeOffset RolledAt, string RolledBy, DateTimeOffset GraceExpiresAt);

/// <summary>
/// What is kept of an API key: never the key, only its SHA-256 and what helps people recognise it. Rolling gives the same key a new secret, so its name, scopes, limits, use and
/// history go on; one write does it, and there is no instant without a good secret.
/// </summary>
internal sealed record ApiKey : Document
{
    public const string DocumentType = "apiKey";

    /// <summary>How many rolled secrets may be in their grace at once.</summary>
    public const int MaxInGrace = 3;

    /// <summary>How many are remembered, so that a late user learns that the key was rolled.</summary>
    private const int MaxSuperseded = 10;

    public required string CustomerId { get; init; }

    public required string Name { get; init => field = PlainText.Clean(value); }

    public required string Hash { get; init; }

    public required string LastFour { get; init; }

    public required ApiKeyState State { get; init; }

    /// <summary>Names of the permissions it is confined to; null for all that an API key may.</summary>
    public IReadOnlyList<string>? Scopes { get; init; }

    /// <summary>The networks it may be used from, in CIDR form; null for everywhere.</summary>
    public IReadOnlyList<string>? Networks { get; init; }

    public IReadOnlyList<SupersededSecret> Superseded { get => field ?? []; init; }

    /// <summary>The request that rolled it last; see <see cref="Reissue"/>.</summary>
    public string? RollId { get; init; }

    /// <summary>A key of an older system, known by the SHA-256 of its whole text.</summary>
    public bool IsLegacy { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Written at most once a minute; see <see cref="KeyUse"/>.</summary>
    public DateTimeOffset? LastUsedAt { get; init; }

    public string? LastUsedFrom { get; init; }

    /// <summary>When one of its values was last refused; written at most once a minute.</summary>
    public DateTimeOffset? LastRefusedAt { get; init; }

    public string? LastRefusedFrom { get; init; }

    /// <summary>The code of that refusal.</summary>
    public string? LastRefusedFor { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required string CreatedBy { get; init; }

    public DateTimeOffset? RevokedAt { get; init; }

    public string? RevokedBy { get; init; }

    public ApiKey Revoke(string by, DateTimeOffset now) => State == ApiKeyState.Revoked ? this : this with { State = ApiKeyState.Revoked, RevokedAt = now, RevokedBy = by };

    public ApiKeyState StateAt(DateTimeOffset now) => State == ApiKeyState.Active && ExpiresAt <= now ? ApiKeyState.Expired : State;

    public IEnumerable<SupersededSecret> InGrace(DateTimeOffset now) => Superseded.Where(secret => EndOf(secret) > now);

    /// <summary>When a rolled secret's grace ends. A leak report may have given the key an earlier end after the roll.</summary>
    public DateTimeOffset EndOf(SupersededSecret secret) => ExpiresAt < secret.GraceExpiresAt ? ExpiresAt.Value : secret.GraceExpiresAt;

    /// <summary>Gives the key a new secret. The old one goes on for <paramref name="grace"/>, but never past the key's own expiry.</summary>
    public ApiKey Roll(string hash, string lastFour, TimeSpan grace, string by, DateTimeOffset now)
    {
        var until = now + grace;
        var superseded = new SupersededSecret(Hash, LastFour, now, by, ExpiresAt < until ? ExpiresAt.Value : until);
        return this with { Hash = hash, LastFour = lastFour, Superseded = [.. Superseded.Append(superseded).TakeLast(MaxSuperseded)] };
    }

    /// <summary>Gives the key yet another secret instead of one that nobody has seen, since the answer with it was lost. The one before that keeps its grace.</summary>
    public ApiKey Reissue(string hash, string lastFour) => this with { Hash = hash, LastFour = lastFour };

    /// <summary>
    /// The key after one of its values was found in public; this very key when nothing is left to do, null when it never had that value. The value in use takes the key with it: revoked, or
    /// over after <paramref name="grace"/>. A rolled one only loses what is left of its own grace.
    /// </summary>
    public ApiKey? Leaked(string hash, LeakResponse response, TimeSpan grace, string by, DateTimeOffset now)
    {
        if (hash == Hash)
        {
            if (response == LeakResponse.Revoke) { return Revoke(by, now); }
            return State == ApiKeyState.Revoked || ExpiresAt <= now + grace ? this : this with { ExpiresAt = now + grace };
        }
        if (Superseded.FirstOrDefault(secret => secret.Hash == hash) is not { } rolled) { return null; }
        return response == LeakResponse.Grace || rolled.GraceExpiresAt <= now
            ? this
            : this with { Superseded = [.. Superseded.Select(secret => secret == rolled ? secret with { GraceExpiresAt = now } : secret)] };
    }

    public KeyHolder AsKeyHolder()
    {
        var principal = new Principal(PrincipalKind.ApiKey, Id, Role.CustomerKey, CustomerId)
        {
            Scopes = Scopes?.Select(Permissions.Find).OfType<Permission>().ToHashSet(),
            Networks = Access.Networks.Parse(Networks),
        };
        Func<Problem>? refusal = State switch { ApiKeyState.Revoked => Failures.KeyRevoked, ApiKeyState.Disabled => Failures.KeyDisabled, _ => null };
        return new KeyHolder(principal,
        [
            new HeldKey(Hash, refusal, ExpiresAt, Failures.KeyExpired),
            .. Superseded.Select(secret => new HeldKey(secret.Hash, refusal, EndOf(secret), Failures.KeyRotated) { IsSuperseded = true }),
        ]);
    }
}
