using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Azure;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.ServiceAccounts;

/// <summary>
/// The two access keys of an Azure storage account. The first credential is <c>key1</c> as it stands, so that taking an account on breaks nobody; every rotation makes the
/// idle slot anew, and when the overlap is over the slot that was current before.
/// </summary>
internal sealed class StorageAccountKeys(AzureClients azure, TimeProvider clock) : ICredentialKind
{
    private const string FirstSlot = "key1";
    private const string SecondSlot = "key2";
    private const string BlobApiVersion = "2021-12-02";
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(4);

    public string Name => "storageAccountKeys";

    public bool NeedsResource => true;

    public string ContentType => "application/vnd.customer-functions.storage-account-key";

    public async Task<(Uri? DataEndpoint, Problem? Refusal)> Inspect(string resourceId, CancellationToken cancellation)
    {
        if (!StorageAccountResource.TryParse(resourceId, out var id)) { return (null, Failures.Invalid("/resourceId", "malformed", "Expected the resource id of a storage account: /subscriptions/…/resourceGroups/…/providers/Microsoft.Storage/storageAccounts/…")); }
        try
        {
            return (await new StorageAccountResource(azure.ResourceManager, id).GetBlobEndpoint(cancellation), null);
        }
        catch (RequestFailedException e) when (e.Status is 403 or 404)
        {
            return (null, Failures.ResourceUnusable(e.Status == 404 ? "There is no such storage account." : "This app's identity may not read the storage account."));
        }
    }

    public async Task<IssuedCredential> Create(ServiceAccount account, CancellationToken cancellation)
    {
        var resource = Resource(account);
        var slot = account.Current is null ? FirstSlot : account.Current.Slot == FirstSlot ? SecondSlot : FirstSlot;
        var value = account.Current is null ? await resource.GetKey(slot, cancellation) : await resource.RegenerateKey(slot, cancellation);
        return new IssuedCredential(value, slot, hash: null);
    }

    public async Task<IssuedCredential?> Recover(ServiceAccount account, KeyVersion key, CancellationToken cancellation) =>
        new IssuedCredential(await Resource(account).GetKey(key.Slot!, cancellation), key.Slot, hash: null);

    /// <summary>Lists containers with the key, as any of its users could: the cheapest request that a Shared Key signature opens.</summary>
    public async Task<bool> Works(ServiceAccount account, IssuedCredential credential, CancellationToken cancellation)
    {
        var url = new Uri(account.DataEndpoint!, "?comp=list&maxresults=1");
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        var date = clock.GetUtcNow().ToString("R", CultureInfo.InvariantCulture);
        request.Headers.Add("x-ms-date", date);
        request.Headers.Add("x-ms-version", BlobApiVersion);
        var name = Resource(account).Id.Name;
        request.Headers.Authorization = new AuthenticationHeaderValue("SharedKey", $"{name}:{Sign(name, url, date, credential.Reveal())}");
        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        time.CancelAfter(AnswerTime);
        using var response = await azure.Http.SendAsync(request, time.Token);
        if (response.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized) { return false; }
        response.EnsureSuccessStatusCode();
        return true;
    }

    public Task Retire(ServiceAccount account, KeyVersion key, CancellationToken cancellation)
    {
        if (key.Slot == account.Current?.Slot) { throw new InvalidOperationException("The slot of the current key must not be made anew."); }
        return Resource(account).RegenerateKey(key.Slot!, cancellation);
    }

    /// <summary>Nothing is remembered of keys that somebody else checks.</summary>
    public void Forget(ServiceAccount account)
    {
    }

    private StorageAccountResource Resource(ServiceAccount account) =>
        StorageAccountResource.TryParse(account.ResourceId!, out var id) ? new StorageAccountResource(azure.ResourceManager, id) : throw new InvalidOperationException("The account's resource id is malformed.");

    /// <summary>"Authorize with Shared Key", version 2015-02-21 and later: an empty line for each standard header that a GET without a body does not have.</summary>
    private static string Sign(string account, Uri url, string date, string key)
    {
        var text = $"GET\n\n\n\n\n\n\n\n\n\n\n\nx-ms-date:{date}\nx-ms-version:{BlobApiVersion}\n/{account}{url.AbsolutePath}\ncomp:list\nmaxresults:1";
        return Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(key), Encoding.UTF8.GetBytes(text)));
    }
}
