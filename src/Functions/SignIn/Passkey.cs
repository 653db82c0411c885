namespace CustomerFunctions.SignIn;

/// <summary>A passkey: the public half, and what WebAuthn wants remembered of it.</summary>
internal sealed record Passkey(
    string Id, string Name, byte[] PublicKey, DateTimeOffset CreatedAt, uint SignCount, IReadOnlyList<string> Transports,
    bool IsUserVerified, bool IsBackupEligible, bool IsBackedUp, byte[] AttestationObject, byte[] ClientDataJson)
{
    public DateTimeOffset? LastUsedAt { get; init; }
}
