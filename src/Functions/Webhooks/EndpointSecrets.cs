using System.Security.Cryptography;
using Azure;
using Azure.Security.KeyVault.Secrets;
using CustomerFunctions.ServiceAccounts;
using CustomerFunctions.Shared.Azure;
using Microsoft.Extensions.Caching.Memory;

namespace CustomerFunctions.Webhooks;

/// <summary>The secrets that customers' webhooks are signed by: one Key Vault secret for each endpoint, a version for each rotation. A version never changes, so it is remembered.</summary>
internal sealed class EndpointSecrets(AzureClients azure, SecretVault vault) : IDisposable
{
    private const int SecretBytes = 32;

    private readonly MemoryCache cache = new(new MemoryCacheOptions { SizeLimit = 10_000 });

    /// <summary>Makes a new secret. The text is for the answer and nowhere else. One that somebody has deleted comes back with its versions, by which what waits can be signed again.</summary>
    public async Task<(string Version, string Text)> Create(string customerId, string endpointId, CancellationToken cancellation)
    {
        var text = StandardWebhook.SecretText(RandomNumberGenerator.GetBytes(SecretBytes));
        var secret = new KeyVaultSecret(WebhookEndpoint.SecretName(endpointId), text);
        secret.Properties.ContentType = "text/plain";
        secret.Properties.Tags["customerId"] = customerId;
        secret.Properties.Tags["webhookId"] = endpointId;
        try { return await Set(); }
        catch (RequestFailedException e) when (e.Status == StatusCodes.Status409Conflict) { await vault.Recover(secret.Name, cancellation); }
        return await vault.SetRecovered(Set, cancellation);

        async Task<(string Version, string Text)> Set() => ((await azure.Secrets.SetSecretAsync(secret, cancellation)).Value.Properties.Version, text);
    }

    public async Task<byte[]> Read(string endpointId, string version, CancellationToken cancellation)
    {
        if (cache.TryGetValue(version, out byte[]? known)) { return known!; }
        var text = (await azure.Secrets.GetSecretAsync(WebhookEndpoint.SecretName(endpointId), version, cancellation)).Value.Value;
        return cache.Set(version, StandardWebhook.Secret(text)!, new MemoryCacheEntryOptions { Size = 1, SlidingExpiration = TimeSpan.FromHours(1) });
    }

    /// <summary>Deletes a secret with all its versions; one that is gone, or going, counts as deleted.</summary>
    public async Task Delete(string endpointId, CancellationToken cancellation)
    {
        try { await azure.Secrets.StartDeleteSecretAsync(WebhookEndpoint.SecretName(endpointId), cancellation); }
        catch (RequestFailedException e) when (e.Status is StatusCodes.Status404NotFound or StatusCodes.Status409Conflict) { }
    }

    public void Dispose() => cache.Dispose();
}
