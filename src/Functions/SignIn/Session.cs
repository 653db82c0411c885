namespace CustomerFunctions.SignIn;

/// <summary>
/// A sign-in and the family of refresh tokens that came of it. Of the family only the newest token is good; what is kept of it is the SHA-256 of its secret.
/// </summary>
/// <param name="Id">The session's id.</param>
/// <param name="Generation">How often it was refreshed. Tokens carry theirs, so an older one is recognised without keeping it.</param>
/// <param name="Hash">Of the newest token's secret.</param>
/// <param name="Newest">The newest token, protected: the answer to the one before it for as long as <see cref="SessionRules.Grace"/> lasts.</param>
/// <param name="CreatedAt">When the person signed in.</param>
/// <param name="RefreshedAt">When the newest token was issued.</param>
/// <param name="SecondFactor">Whether the sign-in was made with a second factor.</param>
/// <param name="Address">Where from.</param>
/// <param name="UserAgent">With what.</param>
internal sealed record Session(
    string Id, int Generation, string Hash, string Newest, DateTimeOffset CreatedAt, DateTimeOffset RefreshedAt, bool SecondFactor, string? Address, string? UserAgent)
{
    /// <summary>When it was last proven that the person is there: by a password, a code or a passkey.</summary>
    public DateTimeOffset VerifiedAt { get; init; } = CreatedAt;

    /// <summary>The customer that the person acts for.</summary>
    public string? ActingCustomer { get; init; }
}

/// <summary>What a presented refresh token is to its session.</summary>
internal enum RefreshVerdict
{
    /// <summary>The newest: it is exchanged for the next.</summary>
    Current,

    /// <summary>The one before, a moment ago: another tab was faster and this one gets the same answer.</summary>
    JustReplaced,

    /// <summary>An older one: somebody has a copy, and nobody can tell who. The family ends.</summary>
    Reused,

    /// <summary>The session is over.</summary>
    Over,
}

/// <summary>How long sessions live (OWASP ASVS 5, 7.3), and what becomes of a refresh token.</summary>
internal static class SessionRules
{
    public static readonly TimeSpan AccessTokenLife = TimeSpan.FromMinutes(15);

    /// <summary>For tabs that refresh at the same time.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    public static TimeSpan Idle(bool isStaff) => isStaff ? TimeSpan.FromMinutes(30) : TimeSpan.FromHours(24);

    public static TimeSpan Absolute(bool isStaff) => isStaff ? TimeSpan.FromHours(8) : TimeSpan.FromDays(7);

    /// <summary>When the session is over if nobody refreshes it.</summary>
    public static DateTimeOffset EndsAt(Session session, bool isStaff)
    {
        var (idle, absolute) = (session.RefreshedAt + Idle(isStaff), session.CreatedAt + Absolute(isStaff));
        return idle < absolute ? idle : absolute;
    }

    public static RefreshVerdict Judge(Session? session, int generation, bool secretMatches, bool isStaff, DateTimeOffset now)
    {
        if (session is null || EndsAt(session, isStaff) <= now) { return RefreshVerdict.Over; }
        if (generation == session.Generation && secretMatches) { return RefreshVerdict.Current; }
        return generation == session.Generation - 1 && now - session.RefreshedAt < Grace ? RefreshVerdict.JustReplaced : RefreshVerdict.Reused;
    }
}
