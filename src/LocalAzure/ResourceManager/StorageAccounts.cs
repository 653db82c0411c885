using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace LocalAzure.ResourceManager;

/// <summary>
/// Storage accounts and their two keys (learn.microsoft.com: Azure Storage resource provider REST API, Storage Accounts). What an account's
/// owner puts into <c>properties</c> comes back as it is; only <c>allowSharedKeyAccess</c> has an effect.
/// </summary>
internal static partial class StorageAccounts
{
    public const string FullName = "Microsoft.Storage/storageAccounts";
    private const int KeyBytes = 64;

    /// <param name="blobBaseUrl">Where the blob data plane listens, without a trailing slash; accounts are its first path segment.</param>
    public static ResourceType Type(string blobBaseUrl) => new()
    {
        Namespace = "Microsoft.Storage",
        Type = "storageAccounts",
        Noun = "storage account",
        ApiVersions =
        [
            "2021-09-01", "2022-05-01", "2022-09-01", "2023-01-01", "2023-04-01", "2023-05-01",
            "2024-01-01", "2025-01-01", "2025-06-01", "2025-08-01", "2026-04-01",
        ],
        NamePattern = NamePattern(),
        BadName = name => ResourceManagerRefusal.BadName("AccountNameInvalid",
            $"{name} is not a valid storage account name. Storage account name must be between 3 and 24 characters in length "
            + "and use numbers and lower-case letters only."),
        TakenCode = "StorageAccountAlreadyTaken",
        Required = ["sku.name", "kind"],
        Describe = (account, body) => Describe(account, body, blobBaseUrl),
        Keys = new KeySlots
        {
            Names = ["key1", "key2"],
            ListAction = "listKeys",
            RegenerateAction = "regenerateKey",
            SlotProperty = "keyName",
            NewValue = () => Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyBytes)),
            Answer = account => new JsonObject { ["keys"] = new JsonArray([.. account.Keys.Select(KeyAnswer)]) },
        },
    };

    private static void Describe(Resource account, JsonObject body, string blobBaseUrl)
    {
        var properties = body["properties"] as JsonObject ?? [];
        body["properties"] = properties;
        properties["provisioningState"] = "Succeeded";
        properties["creationTime"] = Text(account.Created);
        properties["primaryLocation"] = account.Location;
        properties["statusOfPrimary"] = "available";
        properties["primaryEndpoints"] = new JsonObject { ["blob"] = $"{blobBaseUrl}/{account.Name}/" };
        properties["keyCreationTime"] = new JsonObject(account.Keys.ToDictionary(key => key.Slot, key => (JsonNode?)Text(key.Created)));
    }

    private static JsonObject KeyAnswer(ResourceKey key) => new()
    {
        ["creationTime"] = Text(key.Created),
        ["keyName"] = key.Slot,
        ["value"] = key.Value,
        ["permissions"] = "FULL",
    };

    private static string Text(DateTimeOffset instant) => instant.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);

    [GeneratedRegex("^[a-z0-9]{3,24}\\z")]
    private static partial Regex NamePattern();
}
