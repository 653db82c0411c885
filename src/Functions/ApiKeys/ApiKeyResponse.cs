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
        GraceExpiresAt = key.InGrace(now).Select(secret => (DateTimeOffset?)secret.GraceExpiresAt).Max(),
        ExpiresAt = key.ExpiresAt,
        LastUsedAt = key.LastUsedAt,
        LastUsedFrom = key.LastUsedFrom,
        CreatedAt = key.CreatedAt,
        CreatedBy = key.CreatedBy,
        RevokedAt = key.RevokedAt,
        RevokedBy = key.RevokedBy,
    };
}
