using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.Names;

/// <summary>Says that a name is taken, and by whom. Its id is the name, so the store itself refuses a second holder.</summary>
internal sealed record Claim : Document
{
    public const string DocumentType = "claim";

    public required string CustomerId { get; init; }

    /// <summary>The document of that customer that the name leads to.</summary>
    public required string HolderId { get; init; }

    public required DateTimeOffset ClaimedAt { get; init; }

    /// <summary>Whether taking it has only renewed it: another request of the same holder may rely on it.</summary>
    [JsonIgnore]
    public bool WasOurs { get; init; }

    /// <summary>Until when nobody may have the name although its holder is gone; null while it has one.</summary>
    public DateTimeOffset? ReservedUntil { get; init; }
}

/// <summary>The <c>directory</c> container: names that are unique across all customers.</summary>
internal sealed class DirectoryStore(AzureClients azure, TimeProvider clock)
{
    private readonly Documents documents = new(azure, "directory");

    public static string EmailId(string normalizedEmail) => "email:" + Escape(normalizedEmail);

    public static string AccountEmailId(string normalizedEmail) => "account-email:" + Escape(normalizedEmail);

    /// <summary>Leads to the first administrator's account.</summary>
    public const string FirstAdminId = "first-admin";

    public static string SlugId(string slug) => "slug:" + slug;

    /// <summary>The name of a service account, which is unique within its customer.</summary>
    public static string AccountNameId(string customerId, string name) =>
        $"account-name:{customerId}:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))}";

    public static string KeyId(string ulid) => "key:" + ulid;

    /// <summary>An identity provider's user id, whatever is in it.</summary>
    public static string IdentityId(string userId) => "identity:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(userId)));

    /// <summary>The pointer to a key of an older system, by its SHA-256 in hex.</summary>
    public static string LegacyKeyId(string sha256) => "legacy-key:" + sha256;

    public static string SecretId(string secretName) => "secret:" + secretName;

    public static string ResourceId(string resourceId) => "resource:" + Escape(resourceId.ToLowerInvariant());

    /// <summary>Leads to the service account that a service principal is.</summary>
    public static string PrincipalId(string principalId) => "principal:" + principalId;

    public Task<Stored<Claim>?> Find(string claimId, CancellationToken cancellation) => documents.Read(claimId, claimId, StoreJson.Default.Claim, cancellation);

    /// <summary>Takes the name; null when somebody has it.</summary>
    public Task<Stored<Claim>?> TryClaim(string claimId, string customerId, string holderId, CancellationToken cancellation) =>
        documents.TryCreate(claimId, NewClaim(claimId, customerId, holderId), StoreJson.Default.Claim, cancellation);

    /// <summary>Takes a name over from a claim that has come to nothing; null when somebody else was faster.</summary>
    public Task<Stored<Claim>?> TryTakeOver(Stored<Claim> stale, string customerId, string holderId, CancellationToken cancellation) =>
        documents.TryReplace(stale.Value.Id, stale, NewClaim(stale.Value.Id, customerId, holderId), StoreJson.Default.Claim, cancellation);

    /// <summary>Gives a name back, if the claim is still the one that was read.</summary>
    public Task<bool> TryRelease(Stored<Claim> claim, CancellationToken cancellation) => documents.TryDelete(claim.Value.Id, claim, cancellation);

    /// <summary>Keeps a name for a while after its holder has gone; the store removes the claim by itself.</summary>
    public Task<Stored<Claim>?> TryReserve(Stored<Claim> claim, DateTimeOffset until, CancellationToken cancellation)
    {
        var reserved = claim.Value with { ReservedUntil = until, Ttl = (int)Math.Ceiling((until - clock.GetUtcNow()).TotalSeconds) };
        return documents.TryReplace(claim.Value.Id, claim, reserved, StoreJson.Default.Claim, cancellation);
    }

    private Claim NewClaim(string id, string customerId, string holderId) =>
        new() { Id = id, Type = Claim.DocumentType, CustomerId = customerId, HolderId = holderId, ClaimedAt = clock.GetUtcNow() };

    /// <summary>
    /// The four characters that a Cosmos DB id may not have, and the tilde that escapes them. Not the percent sign: whether an id with %2F in it is found again depends on who
    /// decodes the URL on the way.
    /// </summary>
    private static string Escape(string text) => text
        .Replace("~", "~7E", StringComparison.Ordinal).Replace("/", "~2F", StringComparison.Ordinal).Replace("\\", "~5C", StringComparison.Ordinal)
        .Replace("?", "~3F", StringComparison.Ordinal).Replace("#", "~23", StringComparison.Ordinal);
}
