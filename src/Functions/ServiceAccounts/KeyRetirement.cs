namespace CustomerFunctions.ServiceAccounts;

/// <summary>How keys end, as pure functions: which go and when, who has to be waited for, and what is remembered of them. See <see cref="KeyRotation"/> for how they come.</summary>
internal static class KeyRetirement
{
    /// <summary>Retired versions that are remembered, for people and for recognising a leaked key.</summary>
    private const int RetiredKept = 10;

    private static readonly TimeSpan StillInUse = TimeSpan.FromHours(1);

    /// <summary>The keys whose overlap is over.</summary>
    public static IReadOnlyList<KeyVersion> Due(ServiceAccount account, DateTimeOffset now) => [.. account.Keys.Where(key => key.State == KeyState.Retiring && key.RetireAt <= now)];

    /// <summary>
    /// A key whose overlap is over and that was used within the last hour, or within the overlap where that is shorter, is kept as long again, up to one more overlap, but not beyond the next rotation, which waits for it,
    /// nor beyond its own end without what ending it may take. One that was found in public is not kept, nor is any in an emergency.
    /// </summary>
    public static KeyVersion Hold(ServiceAccount account, KeyVersion key, KeyVersionUse use, DateTimeOffset now)
    {
        var quiet = account.Policy.Overlap < StillInUse ? account.Policy.Overlap : StillInUse;
        var since = key.HeldSince ?? key.RetireAt ?? now;
        var end = Earliest(since + account.Policy.Overlap, account.NextRotationAt, key.ExpiresAt - RotationRetries.WorstCase(0));
        if (key.LeakedAt is not null || account.Rotation.Trigger == RotationTrigger.Emergency || use.LastUsedAt <= now - quiet || end <= now) { return key with { LastUsedAt = use.LastUsedAt, LastUsedFrom = use.LastUsedFrom }; }
        var until = now + quiet < end ? now + quiet : end;
        return key with { RetireAt = until, HeldSince = since, LastUsedAt = use.LastUsedAt, LastUsedFrom = use.LastUsedFrom };
    }

    private static DateTimeOffset Earliest(DateTimeOffset one, params ReadOnlySpan<DateTimeOffset?> others)
    {
        foreach (var other in others) { if (other < one) { one = other.Value; } }
        return one;
    }

    /// <summary>
    /// Something else is the newest version in Key Vault, and the current key is about to be put back. If it is a key of
    /// ours (<paramref name="strayKeyId"/>, published late), it may have been read: its overlap, where it has one,
    /// begins again. Saved before the call, since nobody sees the stray once the current key is in front of it.
    /// </summary>
    public static ServiceAccount PuttingBack(ServiceAccount account, string? strayKeyId, DateTimeOffset now) => KeyRotation.Claim(account, now) with
    {
        Keys =
        [
            .. account.Keys.Select(key =>
                key.State == KeyState.Retiring && key.Id == strayKeyId && KeyRotation.HasOverlap(account, key) ? key with { RetireAt = now + account.Policy.Overlap } : key),
        ],
    };

    /// <summary>The current key has been put back as <paramref name="vaultVersion"/>.</summary>
    public static ServiceAccount PutBack(ServiceAccount account, string vaultVersion, DateTimeOffset now) => KeyRotation.Claim(account, now) with
    {
        Keys = [.. account.Keys.Select(key => key.State == KeyState.Current ? key with { VaultVersion = vaultVersion, IsPublishedOnce = false } : key)],
        SecretVersions = account.SecretVersions + 1,
    };

    /// <summary>These keys no longer work anywhere.</summary>
    public static ServiceAccount Retired(ServiceAccount account, IReadOnlyList<KeyVersion> retired, DateTimeOffset now) => Release(account with
    {
        Keys = [.. account.Keys.Select(key => retired.Contains(key) ? key with { State = account.Rotation.Trigger == RotationTrigger.Emergency ? KeyState.Revoked : KeyState.Retired, RetiredAt = now, Renewal = null } : key)],
    }, now);

    /// <summary>
    /// Ends the account's claim. What comes next is the next retirement or, when no old key is left, the next rotation;
    /// where a call may arrive late, a look at the secret before that, and one after the last retirement.
    /// </summary>
    public static ServiceAccount Release(ServiceAccount account, DateTimeOffset now)
    {
        var nextRetirement = account.Keys.Where(key => key.State == KeyState.Retiring).Min(key => key.RetireAt);
        var forgotten = account.Keys.Where(key => key.State is KeyState.Retired or KeyState.Revoked).OrderByDescending(key => key.RetiredAt).Skip(RetiredKept).ToHashSet();
        account = account with { LeasedUntil = null, Keys = [.. account.Keys.Where(key => !forgotten.Contains(key))] };
        return nextRetirement is { } due ? Settling(account, due, now) : Done(account, now);
    }

    private static ServiceAccount Settling(ServiceAccount account, DateTimeOffset nextRetirement, DateTimeOffset now)
    {
        // A look that is over has nothing to find before the next retirement, which begins with one.
        var look = account.LookAt <= now ? nextRetirement : account.LookAt;
        return account with
        {
            LookAt = look,
            WorkDueAt = account.Current?.LeakedAt ?? (look < nextRetirement ? look.Value : nextRetirement),
            Rotation = account.Rotation with { Step = RotationStep.Settle, Attempts = 0, LastFailure = null },
        };
    }

    private static ServiceAccount Done(ServiceAccount account, DateTimeOffset now)
    {
        var isLookOver = account.Rotation.Step == RotationStep.Done || account.LookAt is null;
        account = account with
        {
            LookAt = isLookOver ? null : now + KeyRotation.LateAfter,
            Rotation = account.Rotation with
            {
                Step = RotationStep.Done, FinishedAt = account.Rotation.FinishedAt ?? now, Attempts = 0, LastFailure = null,
            },
        };
        return account with { WorkDueAt = KeyRotation.IdleUntil(account) };
    }
}
