namespace CustomerFunctions.ServiceAccounts;

/// <summary>
/// How often a failing rotation is tried: three attempts a minute or two apart, twice more after an hour and after six, and then no more until somebody says so. Each wait is up to a fifth longer,
/// so that many that failed together do not come back together.
/// </summary>
internal static class RotationRetries
{
    public const int PerCycle = 3;
    public const int Cycles = 3;
    public const double Jitter = 0.2;

    /// <summary>How often the rotation timer looks, as RotationSchedule has it by default: a wait that ends right after a look lasts until the next.</summary>
    public static readonly TimeSpan BetweenLooks = TimeSpan.FromMinutes(5);

    /// <summary>How long one attempt takes at the most: it waits until its new credential is accepted, and then uses up its whole lease.</summary>
    public static readonly TimeSpan LongestAttempt = CredentialTrial.Longest + KeyRotation.Lease;

    private static readonly TimeSpan[] BetweenCycles = [TimeSpan.FromHours(1), TimeSpan.FromHours(6)];

    /// <summary>The wait after so many failures; null when it was the last attempt.</summary>
    public static TimeSpan? WaitAfter(int failures) =>
        failures >= PerCycle * Cycles ? null
        : failures % PerCycle == 0 ? BetweenCycles[(failures / PerCycle) - 1]
        : TimeSpan.FromMinutes(Math.Pow(2, (failures % PerCycle) - 1));

    /// <summary>How long the attempts that are left after so many failures take at the most: their waits, each until the look after it, and each attempt as long as it may.</summary>
    public static TimeSpan WorstCase(int failures)
    {
        var worst = TimeSpan.Zero;
        for (var done = failures; done < PerCycle * Cycles; done++) { worst += LongestAttempt + (WaitAfter(done + 1) is { } wait ? (wait * (1 + Jitter)) + BetweenLooks : TimeSpan.Zero); }
        return worst;
    }

    /// <summary>By when another key should be current: when the current one's secret expires, or did at the least where that was not kept. Null while there is none.</summary>
    public static DateTimeOffset? Deadline(ServiceAccount account) => account.Current is not { } current ? null : current.ExpiresAt ?? current.ActivatedAt + account.Policy.Interval + account.Policy.Overlap;

    /// <summary>When a scheduled rotation starts at the latest, whatever it waits for; null where the end of the current key was not kept.</summary>
    public static DateTimeOffset? LatestStart(ServiceAccount account) => account.Current?.ExpiresAt is { } expires ? KeyExpiry.LatestStart(account.Policy, expires) : null;

    /// <summary>
    /// What is left before the deadline if every attempt from here on fails but the last: below zero nobody can count on the retries any more, and somebody has to look. Null where there is no deadline.
    /// </summary>
    public static TimeSpan? Margin(ServiceAccount account, DateTimeOffset now)
    {
        var isIssuing = IsIssuing(account);
        var next = (isIssuing ? account.WorkDueAt : account.NextRotationAt) is { } planned && planned > now && account.Rotation.ParkedAt is null ? planned : now;
        return Deadline(account) - next - WorstCase(isIssuing ? account.Rotation.Attempts : 0);
    }

    /// <summary>
    /// Whether the current key is one that its maker ends, and would be dead before anybody looks again at an account that rests. Then its rotation does not rest: when the hold is over, what is handed out has to work.
    /// </summary>
    public static bool EndsAtRest(ServiceAccount account, DateTimeOffset now) => account.Current?.ProviderKeyId is not null && LatestStart(account) <= now + KeyRotation.LongestPause;

    private static bool IsIssuing(ServiceAccount account) => account.Rotation.PromotedAt is null && account.Rotation.Step != RotationStep.Done;

    /// <summary>
    /// The account with a note that its margin is gone, the first time that it is so while its rotation is due or under way, whatever holds that up; else this very account. A rotation that is planned for its latest start, or
    /// later, counts as due: its window or quiet hours leave no other time. What rests with its customer is not to be hurried.
    /// </summary>
    public static ServiceAccount Alarmed(ServiceAccount account, DateTimeOffset now) =>
        account is { MarginAlarmedAt: null, PausedAt: null, Suspension: null } && ((!IsIssuing(account) && account.NextRotationAt >= LatestStart(account)) || ((IsIssuing(account) || account.DueSince <= now) && Margin(account, now) <= TimeSpan.Zero)) ? account with { MarginAlarmedAt = now } : account;
}
