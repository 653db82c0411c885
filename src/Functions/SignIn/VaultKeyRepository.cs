using System.Xml.Linq;
using Azure.Security.KeyVault.Secrets;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared.Azure;
using Microsoft.AspNetCore.DataProtection.Repositories;

namespace CustomerFunctions.SignIn;

/// <summary>
/// Keeps the keys of Data Protection in Key Vault, one secret each, and in one document which of them make up the ring. A key joins the ring only as its maker last saw it: of two
/// instances that start at once and both make a key, one does so in vain and uses the other's.
/// </summary>
internal sealed class VaultKeyRepository(AzureClients azure) : IXmlRepository
{
    private readonly Documents documents = new(azure, "control");
    private readonly Lock reading = new();
    private Stored<KeyRingIndex>? seen;

    /// <summary>The framework asks when its ring is to be made or is a day old, and can't wait for a task.</summary>
    public IReadOnlyCollection<XElement> GetAllElements() => Wait(Read);

    public void StoreElement(XElement element, string friendlyName) => Wait(async cancellation =>
    {
        await Store(element, cancellation);
        return 0;
    });

    private async Task<IReadOnlyCollection<XElement>> Read(CancellationToken cancellation)
    {
        var index = await documents.Read(KeyRingIndex.DocumentId, KeyRingIndex.DocumentId, StoreJson.Default.KeyRingIndex, cancellation);
        var keys = await Task.WhenAll((index?.Value.Secrets ?? []).Select(name => azure.Secrets.GetSecretAsync(name, cancellationToken: cancellation)));
        lock (reading) { seen = index; }
        return [.. keys.Select(key => XElement.Parse(key.Value.Value))];
    }

    private async Task Store(XElement element, CancellationToken cancellation)
    {
        Stored<KeyRingIndex>? before;
        lock (reading) { before = seen; }
        var name = $"data-protection-{Guid.NewGuid():N}";
        var secret = new KeyVaultSecret(name, element.ToString(SaveOptions.DisableFormatting));
        secret.Properties.ContentType = "application/xml";
        await azure.Secrets.SetSecretAsync(secret, cancellation);

        var after = (before?.Value ?? new KeyRingIndex { Id = KeyRingIndex.DocumentId, Type = KeyRingIndex.DocumentType }) with { Secrets = [.. before?.Value.Secrets ?? [], name] };
        var saved = before is null
            ? await documents.TryCreate(after.Id, after, StoreJson.Default.KeyRingIndex, cancellation)
            : await documents.TryReplace(after.Id, before, after, StoreJson.Default.KeyRingIndex, cancellation);
        // Another instance was faster, and nothing was ever protected with this key.
        if (saved is null) { await azure.Secrets.StartDeleteSecretAsync(name, cancellation); }
    }

    /// <summary>On a thread of its own, so that waiting for it can't keep it from going on; no longer than the request that waits.</summary>
    private static T Wait<T>(Func<CancellationToken, Task<T>> work) => Task.Run(() => work(RequestDeadline.Current)).GetAwaiter().GetResult();
}
