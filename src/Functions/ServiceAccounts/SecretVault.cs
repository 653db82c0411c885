using Azure;
using Azure.Security.KeyVault.Secrets;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.ServiceAccounts;

/// <summary>What the newest version of a secret holds. The key id is null when somebody else set that version.</summary>
internal sealed record PublishedKey(string? KeyId, string Version, IssuedCredential Credential, DateTimeOffset? ExpiresAt);

/// <summary>A version that was set.</summary>
/// <param name="Version">Its id.</param>
/// <param name="IsSole">Whether no other can hold the same: the call went out once. One whose answer was lost is sent again, and each makes a version.</param>
/// <param name="ExpiresAt">When it ends; null when it was set before that was kept.</param>
internal sealed record PublishedVersion(string Version, bool IsSole, DateTimeOffset? ExpiresAt);

/// <summary>
/// Service accounts' credentials in Key Vault: one secret each, whose newest version is the current credential. Key Vault answers an unversioned read with the newest version, even
/// a disabled one (403), so a version may be set only when its credential works, and setting it is what publishes it. While the account or its customer is suspended each version is disabled, also one that is set then.
/// </summary>
internal sealed class SecretVault(AzureClients azure, TimeProvider clock)
{
    private const string KeyIdTag = "keyId";
    private const string SlotTag = "slot";
    private const int SettingTries = 5;
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan BetweenSettings = TimeSpan.FromSeconds(1);

    /// <summary>A secret with so many versions gets no more. None can be removed, and one with more than 500 can no longer be backed up (learn.microsoft.com: "Azure Key Vault backup and restore").</summary>
    public const int FullAt = 400;

    /// <summary>The longest time for which a vault keeps deleted secrets.</summary>
    public static readonly TimeSpan LongestRetention = TimeSpan.FromDays(90);

    /// <summary>Sets value, dates and tags in one call: there is no secret without them. A secret that was deleted, and can be recovered, refuses it (409).</summary>
    public async Task<PublishedVersion> Publish(ServiceAccount account, string contentType, IssuedCredential credential, DateTimeOffset now, CancellationToken cancellation)
    {
        var secret = new KeyVaultSecret(account.SecretToSet, credential.Reveal());
        secret.Properties.ContentType = contentType;
        secret.Properties.NotBefore = now;
        var expires = KeyExpiry.OfVersion(account, now);
        secret.Properties.ExpiresOn = expires;
        secret.Properties.Tags["customerId"] = account.CustomerId;
        secret.Properties.Tags["serviceAccountId"] = account.Id;
        secret.Properties.Tags["rotationId"] = account.Rotation.Id;
        secret.Properties.Tags[KeyIdTag] = account.Rotation.KeyId;
        if (credential.Slot is not null) { secret.Properties.Tags[SlotTag] = credential.Slot; }
        // Nobody reads it before the account is given back what it had.
        if (account.IsSecretWithdrawn) { secret.Properties.Enabled = false; }
        // A migration changes it in the same instant as the key.
        if (account.Place is { } place) { secret.Properties.Tags["endpoint"] = place.DataEndpoint.AbsoluteUri; }
        var sendings = new Sendings();
        using var watched = sendings.Watch();
        var set = await azure.Secrets.SetSecretAsync(secret, cancellation);
        return new PublishedVersion(set.Value.Properties.Version, sendings.Count == 1, expires);
    }

    /// <summary>What an unversioned read finds now; null when there is nothing to be found, or the newest version is disabled.</summary>
    public async Task<PublishedKey?> Newest(string secretName, CancellationToken cancellation)
    {
        try
        {
            var newest = (await azure.Secrets.GetSecretAsync(secretName, cancellationToken: cancellation)).Value;
            return new PublishedKey(newest.Properties.Tags.TryGetValue(KeyIdTag, out var keyId) ? keyId : null, newest.Properties.Version, Credential(newest), newest.Properties.ExpiresOn);
        }
        catch (RequestFailedException e) when (e.Status == 404 || IsDisabled(e))
        {
            return null;
        }
    }

    /// <summary>Writes a version's content type as it is: whoever may do that may set versions too, and nothing changes.</summary>
    public Task Touch(string secretName, string version, string contentType, CancellationToken cancellation) =>
        azure.Secrets.UpdateSecretPropertiesAsync(new SecretProperties(new Uri(azure.Settings.KeyVaultUri, $"/secrets/{secretName}/{version}")) { ContentType = contentType }, cancellation);

    /// <summary>The credential that a version holds.</summary>
    public async Task<IssuedCredential> Read(string secretName, string version, CancellationToken cancellation) =>
        Credential((await azure.Secrets.GetSecretAsync(secretName, version, cancellationToken: cancellation)).Value);

    /// <summary>The credential that a version holds; null when the version is gone.</summary>
    public async Task<IssuedCredential?> TryRead(string secretName, string version, CancellationToken cancellation)
    {
        try { return await Read(secretName, version, cancellation); }
        catch (RequestFailedException e) when (e.Status == 404) { return null; }
    }

    /// <summary>
    /// Disables every version that holds one of the keys. One that has a single version, and is known to, is no more than that; else all versions of its secret are looked at.
    /// </summary>
    /// <returns>How many versions the account's secret has, whoever has set them: each counts towards what can be backed up. Null when it is gone.</returns>
    public async Task<int?> Disable(ServiceAccount account, IReadOnlyList<KeyVersion> keys, CancellationToken cancellation)
    {
        foreach (var key in keys.Where(IsAlone)) { await SetEnabled(key.SecretName ?? account.SecretName, key.VaultVersion!, enabled: false, cancellation); }
        int? count = null;
        foreach (var group in keys.Where(key => !IsAlone(key)).GroupBy(key => key.SecretName ?? account.SecretName))
        {
            var counted = await DisableAll(group.Key, [.. group.Select(key => key.Id)], cancellation);
            if (group.Key == account.SecretName) { count = counted; }
        }
        return count ?? await CountVersions(account.SecretName, cancellation);

        static bool IsAlone(KeyVersion key) => key is { IsPublishedOnce: true, VaultVersion: not null };
    }

    /// <summary>The versions that can be read.</summary>
    public async Task<IReadOnlyList<string>> EnabledVersions(string secretName, CancellationToken cancellation)
    {
        var enabled = new List<string>();
        await foreach (var version in azure.Secrets.GetPropertiesOfSecretVersionsAsync(secretName, cancellation))
        {
            if (version.Enabled != false) { enabled.Add(version.Version); }
        }
        return enabled;
    }

    /// <summary>Lets a version be read, or not; false when it is gone, and so cannot be read anyway.</summary>
    public async Task<bool> SetEnabled(string secretName, string version, bool enabled, CancellationToken cancellation)
    {
        var id = new Uri(azure.Settings.KeyVaultUri, $"/secrets/{secretName}/{version}");
        try { await azure.Secrets.UpdateSecretPropertiesAsync(new SecretProperties(id) { Enabled = enabled }, cancellation); }
        catch (RequestFailedException e) when (e.Status == 404) { return false; }
        return true;
    }

    /// <summary>
    /// Brings a deleted secret back with all its versions; false when there is none to be brought back. It takes a while, also after it is said to be over
    /// (github.com/Azure/azure-sdk-for-net, issue 31581): a version that is set meanwhile is refused, and has to be set again.
    /// </summary>
    public async Task<bool> Recover(string secretName, CancellationToken cancellation)
    {
        try
        {
            var recovery = await azure.Secrets.StartRecoverDeletedSecretAsync(secretName, cancellation);
            await recovery.WaitForCompletionAsync(BetweenLooks, cancellation);
        }
        catch (RequestFailedException e) when (e.Status == 404) { return false; }
        return true;
    }

    /// <summary>Sets a version of a secret that has just been recovered: again and again, as long as that is refused (409) because its recovery is not over.</summary>
    public async Task<T> SetRecovered<T>(Func<Task<T>> set, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            try { return await set(); }
            catch (RequestFailedException e) when (e.Status == StatusCodes.Status409Conflict && attempt < SettingTries) { await Task.Delay(BetweenSettings, clock, cancellation); }
        }
    }

    /// <summary>Deletes a secret with all its versions; one that is gone, or going, counts as deleted.</summary>
    public async Task Delete(string secretName, CancellationToken cancellation)
    {
        try { await azure.Secrets.StartDeleteSecretAsync(secretName, cancellation); }
        catch (RequestFailedException e) when (e.Status is 404 or 409) { }
    }

    private async Task<int?> CountVersions(string secretName, CancellationToken cancellation)
    {
        try { return await azure.Secrets.GetPropertiesOfSecretVersionsAsync(secretName, cancellation).CountAsync(cancellation); }
        catch (RequestFailedException e) when (e.Status == 404) { return null; }
    }

    private async Task<int> DisableAll(string secretName, IReadOnlyList<string> keyIds, CancellationToken cancellation)
    {
        var count = 0;
        await foreach (var version in azure.Secrets.GetPropertiesOfSecretVersionsAsync(secretName, cancellation))
        {
            count++;
            if (version.Enabled == false || !version.Tags.TryGetValue(KeyIdTag, out var keyId) || !keyIds.Contains(keyId)) { continue; }
            await azure.Secrets.UpdateSecretPropertiesAsync(new SecretProperties(version.Id) { Enabled = false }, cancellation);
        }
        return count;
    }

    /// <summary>Of all that is forbidden (403), a disabled version: want of right, or a firewall, says nothing of what is published. The SDK shows the outer code only, "Forbidden".</summary>
    public static bool IsDisabled(RequestFailedException refusal) =>
        refusal.Status == 403 && refusal.GetRawResponse()?.Content.ToString().Contains("\"SecretDisabled\"", StringComparison.Ordinal) == true;

    private static IssuedCredential Credential(KeyVaultSecret secret) =>
        new(secret.Value, secret.Properties.Tags.TryGetValue(SlotTag, out var slot) ? slot : null);
}
