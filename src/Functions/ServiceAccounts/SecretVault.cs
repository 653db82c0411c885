using Azure;
using Azure.Security.KeyVault.Secrets;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.ServiceAccounts;

/// <summary>What the newest version of a secret holds. The key id is null when somebody else set that version.</summary>
internal sealed record PublishedKey(string? KeyId, string Version, IssuedCredential Credential);

/// <summary>
/// Service accounts' credentials in Key Vault: one secret each, whose newest version is the current credential. Key Vault answers an unversioned read with the newest version, even
/// a disabled one (403), so a version may be set only when its credential works, and setting it is what publishes it.
/// </summary>
internal sealed class SecretVault(AzureClients azure)
{
    private const string KeyIdTag = "keyId";
    private const string SlotTag = "slot";

    /// <summary>The longest time for which a vault keeps deleted secrets.</summary>
    public static readonly TimeSpan LongestRetention = TimeSpan.FromDays(90);

    /// <summary>Sets value, dates and tags in one call: there is no secret without them.</summary>
    public async Task<string> Publish(ServiceAccount account, string contentType, IssuedCredential credential, DateTimeOffset now, CancellationToken cancellation)
    {
        var secret = new KeyVaultSecret(account.SecretName, credential.Reveal());
        secret.Properties.ContentType = contentType;
        secret.Properties.NotBefore = now;
        secret.Properties.ExpiresOn = now + account.Policy.Interval + account.Policy.Overlap;
        secret.Properties.Tags["customerId"] = account.CustomerId;
        secret.Properties.Tags["serviceAccountId"] = account.Id;
        secret.Properties.Tags["rotationId"] = account.Rotation.Id;
        secret.Properties.Tags[KeyIdTag] = account.Rotation.KeyId;
        if (credential.Slot is not null) { secret.Properties.Tags[SlotTag] = credential.Slot; }
        var set = await azure.Secrets.SetSecretAsync(secret, cancellation);
        return set.Value.Properties.Version;
    }

    /// <summary>What an unversioned read finds now; null when there is nothing to be found, or the newest version is disabled (403).</summary>
    public async Task<PublishedKey?> Newest(string secretName, CancellationToken cancellation)
    {
        try
        {
            var newest = (await azure.Secrets.GetSecretAsync(secretName, cancellationToken: cancellation)).Value;
            return new PublishedKey(newest.Properties.Tags.TryGetValue(KeyIdTag, out var keyId) ? keyId : null, newest.Properties.Version, Credential(newest));
        }
        catch (RequestFailedException e) when (e.Status is 403 or 404)
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

    /// <summary>Disables every version that holds one of the keys. A key may have several: a write whose answer was lost is sent again.</summary>
    public async Task Disable(string secretName, IReadOnlyList<string> keyIds, CancellationToken cancellation)
    {
        await foreach (var version in azure.Secrets.GetPropertiesOfSecretVersionsAsync(secretName, cancellation))
        {
            if (version.Enabled == false || !version.Tags.TryGetValue(KeyIdTag, out var keyId) || !keyIds.Contains(keyId)) { continue; }
            await azure.Secrets.UpdateSecretPropertiesAsync(new SecretProperties(version.Id) { Enabled = false }, cancellation);
        }
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

    /// <summary>Lets a version be read, or not; a secret that is gone has none to be read.</summary>
    public async Task SetEnabled(string secretName, string version, bool enabled, CancellationToken cancellation)
    {
        var id = new Uri(azure.Settings.KeyVaultUri, $"/secrets/{secretName}/{version}");
        try { await azure.Secrets.UpdateSecretPropertiesAsync(new SecretProperties(id) { Enabled = enabled }, cancellation); }
        catch (RequestFailedException e) when (e.Status == 404) { }
    }

    /// <summary>Deletes a secret with all its versions; one that is gone, or going, counts as deleted.</summary>
    public async Task Delete(string secretName, CancellationToken cancellation)
    {
        try { await azure.Secrets.StartDeleteSecretAsync(secretName, cancellation); }
        catch (RequestFailedException e) when (e.Status is 404 or 409) { }
    }

    private static IssuedCredential Credential(KeyVaultSecret secret) =>
        new(secret.Value, secret.Properties.Tags.TryGetValue(SlotTag, out var slot) ? slot : null);
}
