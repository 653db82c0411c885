using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace CustomerFunctions.ServiceAccounts;

/// <summary>
/// The read-write keys of an Azure Cosmos DB account (learn.microsoft.com: Database Accounts, List Keys, Regenerate Key; "Access control on Cosmos DB resources"). Regenerating is accepted
/// first (202) and its answer never has the key.
/// </summary>
internal static class CosmosAccountKeys
{
    private const string DataApiVersion = "2018-12-31";

    public static TwoSlotResource Resource { get; } = new()
    {
        Kind = "cosmosAccountKeys",
        ContentType = "application/vnd.customer-functions.cosmos-account-key",
        Type = "Microsoft.DocumentDB/databaseAccounts",
        Noun = "Cosmos DB account",
        IdExample = "Microsoft.DocumentDB/databaseAccounts/…",
        ApiVersion = "2024-11-15",
        RegenerateAction = "regenerateKey",
        SlotProperty = "keyKind",
        Slots = ("primary", "secondary"),
        KeyIn = (answer, slot) => answer.GetProperty($"{slot}MasterKey").GetString()!,
        DataEndpoint = properties => properties.GetProperty("documentEndpoint").GetString(),
        Request = GetAccount,
    };

    private static HttpRequestMessage GetAccount(KeyTrial trial)
    {
        var date = trial.Now.ToString("R", CultureInfo.InvariantCulture);
        var text = $"get\n\n\n{date.ToLowerInvariant()}\n\n";
        var signature = Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(trial.Reveal()), Encoding.UTF8.GetBytes(text)));
        var request = new HttpRequestMessage(HttpMethod.Get, trial.Endpoint);
        request.Headers.Add("x-ms-date", date);
        request.Headers.Add("x-ms-version", DataApiVersion);
        request.Headers.TryAddWithoutValidation("Authorization", Uri.EscapeDataString($"type=master&ver=1.0&sig={signature}"));
        return request;
    }
}
