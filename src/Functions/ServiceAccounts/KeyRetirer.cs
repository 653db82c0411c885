using CustomerFunctions.Shared;

namespace CustomerFunctions.ServiceAccounts;

/// <summary>
/// The second half of a rotation: <c>settle → retire</c>. What happens when the process dies: the lease runs out, the account comes due, and the next instance begins here again.
/// <list type="table">
/// <item><term>before the first key is retired</term><description>nothing has changed.</description></item>
/// <item><term>while the current key is put back, or its secret is mended</term><description>what Key Vault hands out is asked for again.</description></item>
/// <item><term>after it was found that the current key is lost</term><description>a rotation to another has begun, and goes on as any does.</description></item>
/// <item><term>while a slot is being made anew, which may take hours</term><description>the operation is kept with its key, and is asked about again.</description></item>
/// <item><term>while keys are retired, before that is saved</term><description>retire them again; each part of it may be repeated.</description></item>
/// </list>
/// </summary>
internal sealed partial class KeyRetirer(CredentialKinds kinds, SecretVault vault, SecretRepair repair, KeyVersionUseStore uses, TimeProvider clock, ILogger<KeyRetirer> log)
{
    /// <returns>False when nothing may be retired, because the current key is lost: a rotation to another has begun.</returns>
    public async Task<bool> Retire(RotationWork work)
    {
        if (work.Step != RotationStep.Done) { work.Step = RotationStep.Retire; }
        var kind = kinds.Of(work.Account);
        if (!await Confirm(kind, work)) { return false; }
        if (work.Account.LookAt is not null)
        {
            work.EnsureLeased();
            await kind.RemoveStrays(work.Account, work.Time);
        }
        var account = await WithUses(work);
        var due = KeyRetirement.Due(account, clock.GetUtcNow());
        foreach (var key in due)
        {
            // Whoever could not wait for its overlap has had its slot made anew for the current key.
            if (key.Slot is not null && key.Place is null && key.Slot == work.Account.Current!.Slot) { continue; }
            work.EnsureLeased();
            await kind.Retire(work.Account, key, work.Time);
            if (key.Renewal is { EndedAt: null }) { await work.Save(SlotRenewal.Ended(work.Account, key.Id, clock.GetUtcNow())); }
        }
        var versions = due.Count > 0 ? await vault.Disable(work.Account, due, work.Time) : null;
        if (account.Keys.FirstOrDefault(key => key.HeldSince is not null && !due.Contains(key) && !work.Account.Keys.Contains(key)) is { } held)
        {
            StillUsed(log, account.Id, held.Id, held.LastUsedFrom, held.RetireAt);
            if (work.Account.Keys.All(key => key.HeldSince is null)) { account = account.Recorded("serviceAccount.retirementHeld", RotationWork.Actor, clock, [held]); }
        }
        var retired = KeyRetirement.Retired(account, due, clock.GetUtcNow()) with { SecretVersions = versions ?? account.SecretVersions };
        await work.Save(due.Count == 0 ? retired : retired.Recorded("serviceAccount.keysRetired", RotationWork.Actor, clock, due));
        kind.Forget(work.Account);
        return true;
    }

    /// <summary>The account with what is known of the use of the keys whose overlap is over; those that are still used are kept. Only of our own credentials is it known.</summary>
    private async Task<ServiceAccount> WithUses(RotationWork work)
    {
        var account = work.Account;
        foreach (var key in KeyRetirement.Due(account, clock.GetUtcNow()).Where(key => key.Hash is not null))
        {
            if (await uses.Read(account.CustomerId, key.Id, work.Time) is not { } use) { continue; }
            var held = KeyRetirement.Hold(account, key, use, clock.GetUtcNow());
            account = account with { Keys = [.. account.Keys.Select(one => one == key ? held : one)] };
        }
        return account;
    }

    /// <summary>
    /// No old key goes before the new one has proved itself: what Key Vault hands out must be the current key, and it must work. An instance that was held up between its
    /// last look at the lease and a call may have published its own key after ours, or made our slot's key anew; then ours is put back first. So it is where nothing is handed out, because
    /// the customer is suspended: what will be newest then is the current key. A credential that its maker shows once cannot be had again then, from Key Vault neither. What is left as proof is the document: the key became current
    /// when Key Vault had answered with the version that holds it.
    /// </summary>
    private async Task<bool> Confirm(ICredentialKind kind, RotationWork work)
    {
        var isWithdrawn = work.Account.IsSecretWithdrawn;
        if (isWithdrawn && !kind.IsTwoSlot) { return true; }
        var newest = isWithdrawn ? null : await vault.Newest(work.Account.SecretName, work.Time) ?? await repair.Mend(work);
        var (account, current) = (work.Account, work.Account.Current!);
        if (newest is not null && newest.KeyId == current.Id && await kind.Works(account, newest.Credential, work.Time)) { return true; }

        if ((await kind.Recover(account, current, work.Time) ?? await repair.Read(work, current)) is not { } credential)
        {
            await work.Save(KeyRotation.Replace(account, Ids.Rotation(clock), Ids.Key(clock), clock.GetUtcNow()).Recorded("serviceAccount.keyLost", RotationWork.Actor, clock, [current]));
            Lost(log, account.Id);
            return false;
        }
        await CredentialTrial.Pass(kind, work, credential, clock);
        // Whatever has changed the account since it was claimed, a report of a leak for one, makes this save fail.
        await work.Save(KeyRotation.Claim(work.Account, clock.GetUtcNow()));
        var version = await repair.Publish(work, kind.ContentType, credential);
        var putBack = AccountLifecycle.Published(KeyRetirement.PutBack(work.Account, version.Version, newest?.KeyId, clock.GetUtcNow()), version.Version);
        await work.Save(isWithdrawn ? putBack : putBack.Recorded("serviceAccount.keyPutBack", RotationWork.Actor, clock));
        if (!isWithdrawn) { PutBack(log, account.Id); }
        return true;
    }

    [LoggerMessage(1204, LogLevel.Warning, "Something else was the newest version of service account {AccountId}'s secret, or its key did not work; put the current key back")]
    private static partial void PutBack(ILogger log, string accountId);

    [LoggerMessage(1210, LogLevel.Warning, "The current key of service account {AccountId} is gone from Key Vault for good; another takes its place")]
    private static partial void Lost(ILogger log, string accountId);

    [LoggerMessage(1208, LogLevel.Warning, "Key {KeyId} of service account {AccountId} is still used, from {Address}; it is kept until {Until}")]
    private static partial void StillUsed(ILogger log, string accountId, string keyId, string? address, DateTimeOffset? until);
}
