namespace CustomerFunctions.ApiKeys;

/// <summary>An API key as callers see it: everything but its value.</summary>
public sealed record ApiKeyResponse
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    /// <summary>How the value begins and ends.</summary>
    public required string Hint { get; init; }

    public required ApiKeyState State { get; init; }

    /// <summary>Permissions it is confined to; absent when it has all that an API key may have.</summary>
    public IReadOnlyList<string>? Scopes { get; init; }

    /// <summary>Networks it may be used from; absent when from everywhere.</summary>
    public IReadOnlyList<string>? Networks { get; init; }

    /// <summary>Until when a rolled value is still good; absent when none is.</summary>
    public DateTimeOffset? GraceExpiresAt { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>When it was last used, to the minute.</summary>
    public DateTimeOffset? LastUsedAt { get; init; }

    public string? LastUsedFrom { get; init; }

    /// <summary>
    /// When it was last used and refused, to the minute, because it was revoked, disabled, replaced or expired, or came
    /// from an address outside its networks.
    /// </summary>
    public DateTimeOffset? LastRefusedAt { get; init; }

    public string? LastRefusedFrom { get; init; }

    /// <summary>The code of that refusal, such as <c>key-revoked</c>.</summary>
    public string? LastRefusedFor { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required string CreatedBy { get; init; }

    public DateTimeOffset? RevokedAt { get; init; }

    public string? RevokedBy { get; init; }

    internal static ApiKeyResponse From(ApiKey key, DateTimeOffset now) => new()
    {
        Id = key.Id,
        Name = key.Name,
        Hint = key.IsLegacy ? $"…{key.LastFour}" : $"cf_…{key.LastFour}",
        State = key.StateAt(now),
        Scopes = key.Scopes,
        Networks = key.Networks,
        GraceExpiresAt = key.InGrace(now).Select(secret => (DateTimeOffset?)key.EndOf(secret)).Max(),
        ExpiresAt = key.ExpiresAt,
        LastUsedAt = key.LastUsedAt,
        LastUsedFrom = key.LastUsedFrom,
        LastRefusedAt = key.LastRefusedAt,
        LastRefusedFrom = key.LastRefusedFrom,
        LastRefusedFor = key.LastRefusedFor,
        CreatedAt = key.CreatedAt,
        CreatedBy = key.CreatedBy,
        RevokedAt = key.RevokedAt,
        RevokedBy = key.RevokedBy,
    };
}
