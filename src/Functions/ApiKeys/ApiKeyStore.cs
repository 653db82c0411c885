using CustomerFunctions.Access;
using CustomerFunctions.Audit;
using CustomerFunctions.Edge;
using CustomerFunctions.Names;
using CustomerFunctions.Shared;
using CustomerFunctions.Shared.Azure;
using Microsoft.Azure.Cosmos;

namespace CustomerFunctions.ApiKeys;

/// <summary>
/// API keys, in their customer's partition; a pointer in the directory leads from a key's text to its record. Whatever is
/// written here is forgotten by the <see cref="KeyHolderCache"/>.
/// </summary>
internal sealed class ApiKeyStore(AzureClients azure, DirectoryStore directory, NameClaims names, Outbox outbox, KeyHolderCache holders)
{
    private const string Tombstone = "tombstone";
    private readonly Documents documents = new(azure, "customers");

    public async Task<Stored<ApiKey>?> Read(string customerId, string keyId, CancellationToken cancellation) =>
        await documents.Read(customerId, keyId, StoreJson.Default.ApiKey, cancellation) is { Value.Type: ApiKey.DocumentType } key ? key : null;

    /// <summary>Adds a key. The pointer first: one without a record leads nowhere, a record without one could not be used.</summary>
    public async Task Add(ApiKey key, CancellationToken cancellation)
    {
        await directory.TryClaim(DirectoryStore.KeyId(Ids.Ulid(key.Id)), key.CustomerId, key.Id, cancellation);
        var added = await documents.TryCreate(key.CustomerId, key, StoreJson.Default.ApiKey, cancellation);
        while (added is null)
        {
            // A request that is repeated finds what it made the first time (see NewIds), under a value that nobody got.
            if (await Read(key.CustomerId, key.Id, cancellation) is not { } made) { throw new IOException("The key's place is taken."); }
            added = await documents.TryReplace(key.CustomerId, made, made.Value with { Hash = key.Hash, LastFour = key.LastFour }, StoreJson.Default.ApiKey, cancellation);
        }
        holders.Forget(key);
        await outbox.Flush(documents, key.CustomerId, added, cancellation);
    }

    /// <summary>Adds a key of an older system, whose text leads to it by its hash; the refusal when such a key is there already. It gets the other pointer too, for the day it is rolled.</summary>
    public async Task<Problem?> TryImport(ApiKey key, CancellationToken cancellation)
    {
        var (outcome, claim) = await names.TryTake(DirectoryStore.LegacyKeyId(key.Hash), key.CustomerId, key.Id, Holder(), cancellation);
        if (outcome != Taking.Taken) { return outcome == Taking.Held ? Failures.KeyTaken() : Failures.Busy(NameClaims.Grace); }
        var mayExist = false;
        try
        {
            await directory.TryClaim(DirectoryStore.KeyId(Ids.Ulid(key.Id)), key.CustomerId, key.Id, cancellation);
            mayExist = true;
            var added = await documents.TryCreate(key.CustomerId, key, StoreJson.Default.ApiKey, cancellation) ?? await Read(key.CustomerId, key.Id, cancellation);
            mayExist = added is not null;
            if (added is null) { return Failures.KeyTaken(); }
            // It may have been tried before, and be remembered as nobody's.
            holders.Forget(key);
            await outbox.Flush(documents, key.CustomerId, added, cancellation);
            return null;
        }
        catch (Exception e) when (Documents.HasRefused(e))
        {
            mayExist = false;
            throw;
        }
        finally
        {
            if (!mayExist) { await names.Release([claim!]); }
        }
    }

    public async Task<Stored<ApiKey>?> TryReplace(Stored<ApiKey> before, ApiKey after, CancellationToken cancellation)
    {
        Stored<ApiKey>? changed;
        try { changed = await documents.TryReplace(after.CustomerId, before, after, StoreJson.Default.ApiKey, cancellation); }
        finally { holders.Forget(before.Value); }
        return changed is null ? null : await outbox.Flush(documents, after.CustomerId, changed, cancellation);
    }

    /// <summary>Notes a use, unless one is noted that is later than <paramref name="unlessAfter"/>: by another instance, perhaps.</summary>
    public Task<bool> NoteUse(string customerId, string keyId, string? address, DateTimeOffset at, DateTimeOffset unlessAfter, CancellationToken cancellation) => documents.TryPatch(
        customerId, keyId, [PatchOperation.Set("/lastUsedAt", InstantConverter.Text(at)), PatchOperation.Set("/lastUsedFrom", address)],
        $"FROM c WHERE NOT IS_DEFINED(c.lastUsedAt) OR c.lastUsedAt <= '{InstantConverter.Text(unlessAfter)}'", cancellation);

    /// <summary>Notes a refusal, unless one is noted that is later than <paramref name="unlessAfter"/>.</summary>
    public Task<bool> NoteRefusal(string customerId, string keyId, string? address, string code, DateTimeOffset at, DateTimeOffset unlessAfter, CancellationToken cancellation) => documents.TryPatch(
        customerId, keyId,
        [PatchOperation.Set("/lastRefusedAt", InstantConverter.Text(at)), PatchOperation.Set("/lastRefusedFrom", address), PatchOperation.Set("/lastRefusedFor", code)],
        $"FROM c WHERE NOT IS_DEFINED(c.lastRefusedAt) OR c.lastRefusedAt <= '{InstantConverter.Text(unlessAfter)}'", cancellation);

    /// <summary>Removes a key for good, and what leads to it.</summary>
    public async Task Remove(Stored<ApiKey> stored, CancellationToken cancellation)
    {
        var key = stored.Value;
        await names.GiveUp(DirectoryStore.KeyId(Ids.Ulid(key.Id)), key.Id, cancellation);
        foreach (var hash in key.IsLegacy ? key.Superseded.Select(secret => secret.Hash).Prepend(key.Hash) : []) { await names.GiveUp(DirectoryStore.LegacyKeyId(hash), key.Id, cancellation); }
        await documents.TryDelete(key.CustomerId, stored, cancellation);
        holders.Forget(key);
    }

    /// <summary>A customer's keys in the order they were made.</summary>
    public Task<Page<ApiKey>> List(string customerId, int pageSize, string? continuation, CancellationToken cancellation)
    {
        var query = new QueryDefinition("SELECT * FROM c WHERE c.type = @type ORDER BY c.createdAt").WithParameter("@type", ApiKey.DocumentType);
        return documents.Query(query, customerId, pageSize, continuation, StoreJson.Default.DocumentFeedApiKey, cancellation);
    }

    /// <summary>A key once imported keeps its hash for good, rolled and revoked too; one that was never written is fenced off by a tombstone.</summary>
    private ClaimHolder Holder() => new(
        async (claim, cancellation) => await Read(claim.CustomerId, claim.HolderId, cancellation) is not null,
        async (claim, cancellation) =>
        {
            var tombstone = new ApiKey
            {
                Id = claim.HolderId,
                Type = Tombstone,
                CustomerId = claim.CustomerId,
                Name = "",
                Hash = "",
                LastFour = "",
                State = ApiKeyState.Revoked,
                CreatedAt = claim.ClaimedAt,
                CreatedBy = "",
                Ttl = 24 * 60 * 60,
            };
            return await documents.Read(claim.CustomerId, claim.HolderId, StoreJson.Default.ApiKey, cancellation) is { } found
                ? found.Value.Type == Tombstone
                : await documents.TryCreate(claim.CustomerId, tombstone, StoreJson.Default.ApiKey, cancellation) is not null;
        });
}
