using CustomerFunctions.Edge;
using CustomerFunctions.Names;
using CustomerFunctions.Shared;
using CustomerFunctions.Shared.Azure;
using Microsoft.Azure.Cosmos;

namespace CustomerFunctions.ApiKeys;

/// <summary>API keys, in their customer's partition; a pointer in the directory leads from a key's text to its record.</summary>
internal sealed class ApiKeyStore(AzureClients azure, DirectoryStore directory)
{
    private readonly Documents documents = new(azure, "customers");

    public async Task<Stored<ApiKey>?> Read(string customerId, string keyId, CancellationToken cancellation) =>
        await documents.Read(customerId, keyId, StoreJson.Default.ApiKey, cancellation) is { Value.Type: ApiKey.DocumentType } key ? key : null;

    /// <summary>Adds a key. The pointer first: one without a record leads nowhere, a record without one could not be used.</summary>
    public async Task Add(ApiKey key, CancellationToken cancellation)
    {
        await directory.TryClaim(DirectoryStore.KeyId(Ids.Ulid(key.Id)), key.CustomerId, key.Id, cancellation);
        await documents.TryCreate(key.CustomerId, key, StoreJson.Default.ApiKey, cancellation);
    }

    public Task<Stored<ApiKey>?> TryReplace(Stored<ApiKey> before, ApiKey after, CancellationToken cancellation) =>
        documents.TryReplace(after.CustomerId, after, before.ETag, StoreJson.Default.ApiKey, cancellation);

    /// <summary>A customer's keys in the order they were made.</summary>
    public Task<Page<ApiKey>> List(string customerId, int pageSize, string? continuation, CancellationToken cancellation)
    {
        var query = new QueryDefinition("SELECT * FROM c WHERE c.type = @type ORDER BY c.createdAt").WithParameter("@type", ApiKey.DocumentType);
        return documents.Query(query, customerId, pageSize, continuation, StoreJson.Default.DocumentFeedApiKey, cancellation);
    }
}
