namespace CustomerFunctions.SignIn;

/// <summary>A person's second factor: a key shared with an authenticator app, and codes for the day it is lost.</summary>
/// <param name="ProtectedKey">The shared key, protected with the app's key ring.</param>
/// <param name="RecoveryHashes">SHA-256 of each recovery code that was not used yet.</param>
/// <param name="ConfirmedAt">When a first code proved that the app has the key; null until then.</param>
/// <param name="LastStep">The time step of the last code that was accepted: no code is good twice.</param>
internal sealed record SecondFactor(string ProtectedKey, IReadOnlyList<string> RecoveryHashes, DateTimeOffset? ConfirmedAt = null, long LastStep = 0)
{
    /// <summary>Wrong codes since the last right one.</summary>
    public int Failures { get; init; }

    /// <summary>Until when no code is looked at.</summary>
    public DateTimeOffset? ClosedUntil { get; init; }
}
