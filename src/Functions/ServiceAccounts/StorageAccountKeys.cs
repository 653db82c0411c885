using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace CustomerFunctions.ServiceAccounts;

/// <summary>The access keys of an Azure storage account (learn.microsoft.com: Storage Accounts, List Keys, Regenerate Key; "Authorize with Shared Key").</summary>
internal static class StorageAccountKeys
{
    private const string BlobApiVersion = "2021-12-02";

    public static TwoSlotResource Resource { get; } = new()
    {
        Kind = "storageAccountKeys",
        ContentType = "application/vnd.customer-functions.storage-account-key",
        Type = "Microsoft.Storage/storageAccounts",
        Noun = "storage account",
        IdExample = "Microsoft.Storage/storageAccounts/…",
        ApiVersion = "2023-05-01",
        RegenerateAction = "regenerateKey",
        SlotProperty = "keyName",
        Slots = ("key1", "key2"),
        KeyIn = (answer, slot) => answer.GetProperty("keys").EnumerateArray().First(key => key.GetProperty("keyName").GetString() == slot).GetProperty("value").GetString()!,
        DataEndpoint = properties => properties.GetProperty("primaryEndpoints").GetProperty("blob").GetString(),
        Request = ListContainers,
    };

    /// <summary>The cheapest request that a Shared Key signature opens.</summary>
    private static HttpRequestMessage ListContainers(KeyTrial trial)
    {
        var url = new Uri(trial.Endpoint, "?comp=list&maxresults=1");
        var date = trial.Now.ToString("R", CultureInfo.InvariantCulture);
        // Version 2015-02-21 and later: an empty line for each standard header that a GET without a body does not have.
        var text = $"GET\n\n\n\n\n\n\n\n\n\n\n\nx-ms-date:{date}\nx-ms-version:{BlobApiVersion}\n/{trial.Name}{url.AbsolutePath}\ncomp:list\nmaxresults:1";
        var signature = Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(trial.Reveal()), Encoding.UTF8.GetBytes(text)));
        var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.Add("x-ms-date", date);
        request.Headers.Add("x-ms-version", BlobApiVersion);
        request.Headers.Authorization = new AuthenticationHeaderValue("SharedKey", $"{trial.Name}:{signature}");
        return request;
    }
}
