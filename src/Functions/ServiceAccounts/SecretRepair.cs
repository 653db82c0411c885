using Azure;

namespace CustomerFunctions.ServiceAccounts;

/// <summary>
/// Publishes keys, and mends a secret that somebody has deleted or disabled: until then nobody can read the credential. Nothing is purged, whether the vault allows it or not: what can be recovered is.
/// Each repair is told once it is done. What happens when the process dies: the secret is found mended, or still as it was, and the step is done again.
/// </summary>
internal sealed partial class SecretRepair(SecretVault vault, TimeProvider clock, ILogger<SecretRepair> log)
{
    /// <summary>Sets the secret's newest version; a secret that was deleted is recovered first.</summary>
    public async Task<PublishedVersion> Publish(RotationWork work, string contentType, IssuedCredential credential)
    {
        try { return await Set(); }
        catch (RequestFailedException e) when (e.Status == StatusCodes.Status409Conflict) { await Recover(work, work.Account.SecretToSet); }
        return await vault.SetRecovered(Set, work.Time);

        Task<PublishedVersion> Set()
        {
            work.EnsureLeased();
            return vault.Publish(work.Account, contentType, credential, clock.GetUtcNow(), work.Time);
        }
    }

    /// <summary>
    /// After the newest version could not be read: enables the current key's version, or recovers the whole secret. Returns what is newest then; null when the current key's version still is not to be had.
    /// </summary>
    public async Task<PublishedKey?> Mend(RotationWork work)
    {
        work.EnsureLeased();
        if (!await vault.SetEnabled(work.Account.SecretName, work.Account.Current!.VaultVersion!, enabled: true, work.Time))
        {
            return await Recover(work, work.Account.SecretName) ? await vault.Newest(work.Account.SecretName, work.Time) : null;
        }
        var newest = await vault.Newest(work.Account.SecretName, work.Time);
        if (newest is not null) { await Tell(work, "serviceAccount.secretEnabled", "disabled"); }
        return newest;
    }

    /// <summary>
    /// Reads the current key's version, which is not the newest; one that was disabled is enabled first. Null when the
    /// version is gone.
    /// </summary>
    public async Task<IssuedCredential?> Read(RotationWork work, KeyVersion current)
    {
        var (secret, version) = (work.Account.SecretName, current.VaultVersion!);
        try { return await vault.TryRead(secret, version, work.Time); }
        catch (RequestFailedException e) when (SecretVault.IsDisabled(e)) { work.EnsureLeased(); }
        if (!await vault.SetEnabled(secret, version, enabled: true, work.Time)) { return null; }
        await Tell(work, "serviceAccount.secretEnabled", "disabled");
        return await vault.TryRead(secret, version, work.Time);
    }

    private async Task<bool> Recover(RotationWork work, string secretName)
    {
        // Whoever deletes the account, and the secret with it, changes its document first: then this fails, and the secret stays deleted.
        await work.Save(KeyRotation.Claim(work.Account, clock.GetUtcNow()));
        if (!await vault.Recover(secretName, work.Time)) { return false; }
        await Tell(work, "serviceAccount.secretRecovered", "deleted");
        return true;
    }

    private async Task Tell(RotationWork work, string action, string damage)
    {
        await work.Save(KeyRotation.Claim(work.Account, clock.GetUtcNow()).Recorded(action, RotationWork.Actor, clock));
        Mended(log, work.Account.Id, damage);
    }

    [LoggerMessage(1209, LogLevel.Warning, "The secret of service account {AccountId} had been {Damage}; it was mended")]
    private static partial void Mended(ILogger log, string accountId, string damage);
}
