using Azure;
using Azure.Security.KeyVault.Secrets;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.ServiceAccounts;

/// <summary>Which key the newest version of a secret holds.</summary>
internal sealed record PublishedKey(string KeyId, string Version);

/// <summary>
/// Service accounts' credentials in Key Vault: one secret each, whose newest version is the current credential. Key Vault answers an unversioned read with the newest version, even
/// a disabled one (403), so a version may be set only when its credential works, and setting it is what publishes it.
/// </summary>
internal sealed class SecretVault(AzureClients azure)
{
    private const string KeyIdTag = "keyId";

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
        if (credential.Slot is not null) { secret.Properties.Tags["slot"] = credential.Slot; }
        var set = await azure.Secrets.SetSecretAsync(secret, cancellation);
        return set.Value.Properties.Version;
    }

    /// <summary>What is published now; null when nothing is.</summary>
    public async Task<PublishedKey?> Published(string secretName, CancellationToken cancellation)
    {
        try
        {
            var newest = await azure.Secrets.GetSecretAsync(secretName, cancellationToken: cancellation);
            return newest.Value.Properties.Tags.TryGetValue(KeyIdTag, out var keyId) ? new PublishedKey(keyId, newest.Value.Properties.Version) : null;
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return null;
        }
    }

    /// <summary>Makes an older version the newest again, and returns its new version.</summary>
    public async Task<string> Republish(string secretName, string version, CancellationToken cancellation)
    {
        var old = (await azure.Secrets.GetSecretAsync(secretName, version, cancellationToken: cancellation)).Value;
        var secret = new KeyVaultSecret(secretName, old.Value);
        secret.Properties.ContentType = old.Properties.ContentType;
        secret.Properties.NotBefore = old.Properties.NotBefore;
        secret.Properties.ExpiresOn = old.Properties.ExpiresOn;
        foreach (var (name, value) in old.Properties.Tags) { secret.Properties.Tags[name] = value; }
        return (await azure.Secrets.SetSecretAsync(secret, cancellation)).Value.Properties.Version;
    }

    /// <summary>Disables a retired version. One that is gone needs no disabling.</summary>
    public async Task Disable(string secretName, string version, CancellationToken cancellation)
    {
        var properties = new SecretProperties(new Uri(azure.Secrets.VaultUri, $"/secrets/{secretName}/{version}")) { Enabled = false };
        try { await azure.Secrets.UpdateSecretPropertiesAsync(properties, cancellation); }
        catch (RequestFailedException e) when (e.Status == 404) { }
    }
}
