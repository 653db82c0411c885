using System.Text.Json.Serialization;

namespace LocalAzure.KeyVault;

/// <summary>What the journal of a vault holds, one per acknowledged request that changed something.</summary>
[JsonDerivedType(typeof(Written), "written")]
[JsonDerivedType(typeof(Restored), "restored")]
[JsonDerivedType(typeof(Deleted), "deleted")]
[JsonDerivedType(typeof(Recovered), "recovered")]
[JsonDerivedType(typeof(Purged), "purged")]
internal abstract record VaultChange(string Name)
{
    /// <summary>A version was added, or its properties were changed.</summary>
    internal sealed record Written(string Name, SecretVersion Version) : VaultChange(Name);

    /// <summary>A whole secret appeared at once.</summary>
    internal sealed record Restored(string Name, IReadOnlyList<SecretVersion> Versions) : VaultChange(Name);

    internal sealed record Deleted(string Name, Deletion Deletion) : VaultChange(Name);

    internal sealed record Recovered(string Name) : VaultChange(Name);

    internal sealed record Purged(string Name) : VaultChange(Name);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(VaultChange))]
[JsonSerializable(typeof(VaultChange.Restored))]
internal sealed partial class VaultChangeJson : JsonSerializerContext;
