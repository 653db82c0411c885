namespace CustomerFunctions.ServiceAccounts;

/// <summary>A rotation as it is planned: from its start to the end of the old key's overlap.</summary>
internal sealed record PlannedRotation(ServiceAccount Account, DateTimeOffset StartsAt, DateTimeOffset EndsAt)
{
    public bool Meets(PlannedRotation other) => StartsAt < other.EndsAt && other.StartsAt < EndsAt;
}

/// <summary>What the schedule will do, foretold by the rules that then do it; a failure, or a rotation by hand, changes it.</summary>
internal static class RotationPlan
{
    /// <summary>As many of one account as a calendar shows; who rotates every hour is not read months ahead.</summary>
    private const int Most = 200;

    /// <summary>An account's rotations of which some part is in the span, the one under way included.</summary>
    public static IEnumerable<PlannedRotation> Of(ServiceAccount account, IReadOnlyList<RotationWindow> quiet, DateTimeOffset now, DateTimeOffset from, DateTimeOffset to) =>
        All(account, quiet, now).TakeWhile(planned => planned.StartsAt < to).Where(planned => planned.EndsAt > from).Take(Most);

    /// <summary>Rotations of paired accounts that would meet: the later one will wait for the earlier.</summary>
    public static bool Collides(PlannedRotation planned, IReadOnlyList<PlannedRotation> all) =>
        all.Any(other => other.Account.Id == planned.Account.Policy.PairWith && other.StartsAt <= planned.StartsAt && planned.Meets(other));

    private static IEnumerable<PlannedRotation> All(ServiceAccount account, IReadOnlyList<RotationWindow> quiet, DateTimeOffset now)
    {
        // Of these the timer starts and ends nothing until somebody takes them up again.
        if (account is { Suspension: not null } or { Deletion: not null } or { Rotation.ParkedAt: not null }) { yield break; }
        if (account.Keys.Where(key => key.State == KeyState.Retiring).Max(key => key.RetireAt) is { } retires) { yield return new PlannedRotation(account, account.Rotation.PromotedAt ?? account.Rotation.StartedAt, retires); }
        var latest = RotationRetries.LatestStart(account);
        for (var next = account.NextRotationAt; next is { } wanted;)
        {
            var starts = RotationSchedule.MayStart(account.Id, account.Policy.Window, quiet, wanted > now ? wanted : now, latest);
            yield return new PlannedRotation(account, starts, starts + account.Policy.Overlap);
            next = RotationSchedule.Next(account.Id, account.Policy, starts);
            latest = KeyExpiry.LatestStart(account.Policy, KeyExpiry.Of(account.Id, account.Policy, starts));
        }
    }
}
