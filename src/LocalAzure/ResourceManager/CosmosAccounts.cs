using System.Security.Cryptography;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace LocalAzure.ResourceManager;

/// <summary>
/// Cosmos DB accounts and their four keys (learn.microsoft.com: Azure Cosmos DB Resource Provider REST API, Database Accounts). Regenerating is accepted first and its answer has no keys;
/// its operation has succeeded by the time it is asked about.
/// </summary>
internal static partial class CosmosAccounts
{
    public const string FullName = "Microsoft.DocumentDB/databaseAccounts";
    private const int KeyBytes = 64;

    /// <param name="baseUrl">Where <see cref="DataPlanes.DataPlaneEmulator"/> listens, without a trailing slash.</param>
    public static ResourceType Type(string baseUrl) => new()
    {
        Namespace = "Microsoft.DocumentDB",
        Type = "databaseAccounts",
        Noun = "database account",
        ApiVersions = ["2021-10-15", "2022-05-15", "2022-11-15", "2023-04-15", "2023-11-15", "2024-05-15", "2024-08-15", "2024-11-15", "2025-04-15"],
        NamePattern = NamePattern(),
        BadName = name => ResourceManagerRefusal.BadName("BadRequest", $"DatabaseAccount name '{name}' is invalid: 3 to 44 characters, lower-case letters, digits and hyphens."),
        TakenCode = "AccountNameExists",
        Required = ["properties.databaseAccountOfferType", "properties.locations"],
        Describe = (account, body) =>
        {
            var properties = body["properties"] as JsonObject ?? [];
            body["properties"] = properties;
            properties["provisioningState"] = "Succeeded";
            properties["documentEndpoint"] = $"{baseUrl}/cosmos/{account.Name}/";
        },
        Keys = new KeySlots
        {
            Names = ["primary", "secondary", "primaryReadonly", "secondaryReadonly"],
            ListAction = "listKeys",
            RegenerateAction = "regenerateKey",
            SlotProperty = "keyKind",
            NewValue = () => Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyBytes)),
            Answer = account => new JsonObject(account.Keys.Select(key => KeyValuePair.Create($"{key.Slot}MasterKey", (JsonNode?)key.Value))),
            RegenerateIsAccepted = true,
        },
    };

    [GeneratedRegex("^[a-z0-9]([a-z0-9-]{1,42}[a-z0-9])\\z")]
    private static partial Regex NamePattern();
}
