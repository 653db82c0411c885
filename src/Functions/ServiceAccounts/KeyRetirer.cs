namespace CustomerFunctions.ServiceAccounts;

/// <summary>
/// The second half of a rotation: <c>settle → retire</c>. What happens when the process dies: the lease runs out, the account comes due, and the next instance begins here again.
/// <list type="table">
/// <item><term>before the first key is retired</term><description>nothing has changed.</description></item>
/// <item><term>while the current key is put back</term><description>what Key Vault hands out is asked for again.</description></item>
/// <item><term>while keys are retired, before that is saved</term><description>retire them again; each part of it may be repeated.</description></item>
/// </list>
/// </summary>
internal sealed partial class KeyRetirer(CredentialKinds kinds, SecretVault vault, KeyVersionUseStore uses, TimeProvider clock, ILogger<KeyRetirer> log)
{
    public async Task Retire(RotationWork work)
    {
        work.Step = RotationStep.Retire;
        var kind = kinds.Of(work.Account);
        await Confirm(kind, work);
        var account = await WithUses(work);
        var due = KeyRetirement.Due(account, clock.GetUtcNow());
        foreach (var key in due)
        {
            // Whoever could not wait for its overlap has had its slot made anew for the current key.
            if (key.Slot is not null && key.Slot == work.Account.Current!.Slot) { continue; }
            work.EnsureLeased();
            await kind.Retire(work.Account, key, work.Time);
        }
        if (due.Count > 0) { await vault.Disable(work.Account.SecretName, [.. due.Select(key => key.Id)], work.Time); }
        if (account.Keys.FirstOrDefault(key => key.HeldSince is not null && !due.Contains(key) && !work.Account.Keys.Contains(key)) is { } held)
        {
            StillUsed(log, account.Id, held.Id, held.LastUsedFrom, held.RetireAt);
            if (work.Account.Keys.All(key => key.HeldSince is null)) { account = account.Recorded("serviceAccount.retirementHeld", RotationWork.Actor, clock, [held]); }
        }
        var retired = KeyRetirement.Retired(account, due, clock.GetUtcNow());
        await work.Save(due.Count == 0 ? retired : retired.Recorded("serviceAccount.keysRetired", RotationWork.Actor, clock, due));
        kind.Forget(work.Account);
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
    /// last look at the lease and a call may have published its own key after ours, or made our slot's key anew; then ours is put back first.
    /// </summary>
    private async Task Confirm(ICredentialKind kind, RotationWork work)
    {
        var account = work.Account;
        var newest = await vault.Newest(account.SecretName, work.Time);
        if (newest is not null && newest.KeyId == account.Current!.Id && await kind.Works(account, newest.Credential, work.Time)) { return; }

        var credential = await kind.Recover(account, account.Current!, work.Time) ?? await vault.Read(account.SecretName, account.Current!.VaultVersion!, work.Time);
        await CredentialTrial.Pass(kind, work, credential, clock);
        work.EnsureLeased();
        var version = await vault.Publish(account, kind.ContentType, credential, clock.GetUtcNow(), work.Time);
        await work.Save(KeyRetirement.PutBack(work.Account, version, newest?.KeyId, clock.GetUtcNow()).Recorded("serviceAccount.keyPutBack", RotationWork.Actor, clock));
        PutBack(log, account.Id);
    }

    [LoggerMessage(1204, LogLevel.Warning, "Something else was the newest version of service account {AccountId}'s secret, or its key did not work; put the current key back")]
    private static partial void PutBack(ILogger log, string accountId);

    [LoggerMessage(1208, LogLevel.Warning, "Key {KeyId} of service account {AccountId} is still used, from {Address}; it is kept until {Until}")]
    private static partial void StillUsed(ILogger log, string accountId, string keyId, string? address, DateTimeOffset? until);
}
