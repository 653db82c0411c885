namespace CustomerFunctions.SignIn;

/// <summary>A passkey: the public half, and what WebAuthn wants remembered of it.</summary>
/// <param name="Id">The credential's id, base64url.</param>
/// <param name="Name">What the person calls it.</param>
/// <param name="PublicKey">In COSE form.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="SignCount">The counter of its last use; a copy of the key gives itself away by an older one. Keys that synchronise stay at zero.</param>
/// <param name="Transports">How a browser reaches it.</param>
/// <param name="IsBackupEligible">Whether it may be synchronised.</param>
/// <param name="IsBackedUp">Whether it is.</param>
internal sealed record Passkey(
    string Id, string Name, byte[] PublicKey, DateTimeOffset CreatedAt, uint SignCount, IReadOnlyList<string> Transports, bool IsBackupEligible, bool IsBackedUp)
{
    public DateTimeOffset? LastUsedAt { get; init; }
}
