using System.Text.Json.Serialization;
using CustomerFunctions.Access;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.ApiKeys;

public enum ApiKeyState
{
    [JsonStringEnumMemberName("active")] Active,
    [JsonStringEnumMemberName("revoked")] Revoked,
}

/// <summary>What is kept of an API key: never the key, only its SHA-256 and what helps people recognise it.</summary>
internal sealed record ApiKey : Document
{
    public const string DocumentType = "apiKey";

    public required string CustomerId { get; init; }

    public required string Name { get; init; }

    public required string Hash { get; init; }

    public required string LastFour { get; init; }

    public required ApiKeyState State { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required string CreatedBy { get; init; }

    public DateTimeOffset? RevokedAt { get; init; }

    public string? RevokedBy { get; init; }

    public ApiKey Revoke(string by, DateTimeOffset now) => State == ApiKeyState.Revoked ? this : this with { State = ApiKeyState.Revoked, RevokedAt = now, RevokedBy = by };

    public KeyHolder AsKeyHolder() =>
        new(new Principal(PrincipalKind.ApiKey, Id, Role.CustomerKey, CustomerId), [new HeldKey(Hash, State == ApiKeyState.Revoked ? Failures.KeyRevoked : null, ExpiresAt)]);
}
