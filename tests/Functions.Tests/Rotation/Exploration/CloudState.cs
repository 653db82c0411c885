using CustomerFunctions.ServiceAccounts;

namespace CustomerFunctions.Tests.RotationExploration;

/// <summary>A document as Cosmos DB keeps it, and the account in it where it is one.</summary>
internal sealed record StoredDocument(byte[] Json, string ETag, ServiceAccount? Account);

/// <summary>A version of a secret. Immutable, so that a copy of the vault shares it.</summary>
internal sealed record SecretVersion(string Id, string Value, IReadOnlyDictionary<string, string> Tags, string? ContentType, long? Expires, bool Enabled);

/// <summary>A secret with its versions, oldest first.</summary>
internal sealed record VaultSecret(IReadOnlyList<SecretVersion> Versions, bool IsDeleted);

/// <summary>A client secret of the application.</summary>
internal sealed record AppPassword(string KeyId, string DisplayName, string Value, DateTimeOffset End);

/// <summary>Everything outside the app's instances: what survives whichever of them dies.</summary>
internal sealed class CloudState
{
    public Dictionary<string, StoredDocument> Documents { get; private init; } = [];

    public Dictionary<string, VaultSecret> Secrets { get; private init; } = [];

    /// <summary>The keys of resources by resource id and slot.</summary>
    public Dictionary<(string ResourceId, string Slot), string> ResourceKeys { get; private init; } = [];

    public List<AppPassword> Passwords { get; private init; } = [];

    public bool IsPrincipalEnabled { get; set; } = true;

    /// <summary>Then the directory lets the application have two passwords and no third.</summary>
    public bool IsForPersonalAccounts { get; init; }

    public int Count { get; set; }

    public CloudState Copy() => new()
    {
        Documents = new(Documents),
        Secrets = new(Secrets),
        ResourceKeys = new(ResourceKeys),
        Passwords = [.. Passwords],
        IsPrincipalEnabled = IsPrincipalEnabled,
        IsForPersonalAccounts = IsForPersonalAccounts,
        Count = Count,
    };

    /// <summary>The next number for whatever needs a name; the same in every run of a schedule.</summary>
    public int Next() => ++Count;

    /// <summary>The account that is explored; null before it is made and after it is deleted.</summary>
    public ServiceAccount? Account => Documents.GetValueOrDefault("customers/" + Cluster.AccountId)?.Account is { Type: ServiceAccount.DocumentType } account ? account : null;

    /// <summary>What an unversioned read finds; null when it finds nothing that it may show.</summary>
    public SecretVersion? Newest(string secretName) =>
        Secrets.GetValueOrDefault(secretName) is { IsDeleted: false, Versions: [.., { Enabled: true } newest] } ? newest : null;
}
