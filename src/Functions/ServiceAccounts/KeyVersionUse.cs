using CustomerFunctions.Edge;
using CustomerFunctions.Shared;
using CustomerFunctions.Shared.Azure;
using Microsoft.Azure.Cosmos;

namespace CustomerFunctions.ServiceAccounts;

/// <summary>When and from where a version of an API credential was last used. Not in the account's document, whose ETag guards its rotation and would change with every use.</summary>
internal sealed record KeyVersionUse : Document
{
    public const string DocumentType = "keyVersionUse";

    public required string CustomerId { get; init; }

    public required DateTimeOffset LastUsedAt { get; init; }

    public string? LastUsedFrom { get; init; }
}

/// <summary>Uses of key versions, one document each, in their customer's partition. Cosmos DB removes one that nobody has written for long.</summary>
internal sealed class KeyVersionUseStore(AzureClients azure)
{
    private const int KeptSeconds = 90 * 24 * 60 * 60;
    private readonly Documents documents = new(azure, "customers");

    public async Task<KeyVersionUse?> Read(string customerId, string keyId, CancellationToken cancellation) =>
        (await documents.Read(customerId, IdOf(keyId), StoreJson.Default.KeyVersionUse, cancellation))?.Value;

    /// <summary>Notes a use, unless one is noted that is later than <paramref name="unlessAfter"/>: by another instance, perhaps.</summary>
    public async Task Note(string customerId, string keyId, string? address, DateTimeOffset at, DateTimeOffset unlessAfter, CancellationToken cancellation)
    {
        var use = new KeyVersionUse { Id = IdOf(keyId), Type = KeyVersionUse.DocumentType, CustomerId = customerId, LastUsedAt = at, LastUsedFrom = address, Ttl = KeptSeconds };
        PatchOperation[] noted = [PatchOperation.Set("/lastUsedAt", InstantConverter.Text(at)), PatchOperation.Set("/lastUsedFrom", address)];
        if (await documents.TryPatch(customerId, use.Id, noted, $"FROM c WHERE c.lastUsedAt <= '{InstantConverter.Text(unlessAfter)}'", cancellation)) { return; }
        await documents.TryCreate(customerId, use, StoreJson.Default.KeyVersionUse, cancellation);
    }

    private const string Prefix = "use-";

    /// <summary>The key version that a use is of.</summary>
    public static string KeyOf(KeyVersionUse use) => use.Id[Prefix.Length..];

    /// <summary>All uses of a customer's key versions that are remembered.</summary>
    public IAsyncEnumerable<Stored<KeyVersionUse>> Each(string customerId, CancellationToken cancellation)
    {
        var query = new QueryDefinition("SELECT * FROM c WHERE c.type = @type").WithParameter("@type", KeyVersionUse.DocumentType);
        return Pages.Each(from => documents.Query(query, customerId, 100, from, StoreJson.Default.DocumentFeedKeyVersionUse, cancellation), cancellation);
    }

    private static string IdOf(string keyId) => Prefix + keyId;
}
