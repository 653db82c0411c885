using System.Collections.Immutable;

namespace LocalAzure.KeyVault;

/// <summary>A secret with all its versions, oldest first. Instants are Unix seconds, as Key Vault keeps them.</summary>
internal sealed record Secret(string Name, ImmutableList<SecretVersion> Versions, Deletion? Deletion = null)
{
    public SecretVersion Latest => Versions[^1];

    public SecretVersion? Version(string? id) => string.IsNullOrEmpty(id) ? Latest : Versions.Find(version => version.Id == id);

    /// <summary>The secret with <paramref name="written"/> in place of the version with its id, or as the newest one.</summary>
    public Secret With(SecretVersion written)
    {
        var index = Versions.FindIndex(version => version.Id == written.Id);
        return this with { Versions = index < 0 ? Versions.Add(written) : Versions.SetItem(index, written) };
    }
}

internal sealed record SecretVersion(
    string Id, string Value, string? ContentType, IReadOnlyDictionary<string, string>? Tags,
    bool Enabled, long? NotBefore, long? Expires, long Created, long Updated)
{
    // A record prints its members; this one must not print its value.
    public override string ToString() => $"version {Id}";
}

/// <summary>A soft-deleted secret can be recovered until <see cref="PurgeOn"/>; then it is gone.</summary>
internal sealed record Deletion(long DeletedOn, long PurgeOn);

/// <summary>What a request wants a version to be; null means "not said".</summary>
internal sealed record SecretChange(
    string? Value, string? ContentType, IReadOnlyDictionary<string, string>? Tags, bool? Enabled, long? NotBefore, long? Expires)
{
    public override string ToString() => "change of a secret";
}

/// <summary>What a status page may know of a secret: everything but its values.</summary>
internal sealed record SecretSummary(string Name, DateTimeOffset? DeletedOn, IReadOnlyList<VersionSummary> Versions);

internal sealed record VersionSummary(
    string Id, bool Enabled, DateTimeOffset Created, DateTimeOffset Updated, DateTimeOffset? NotBefore, DateTimeOffset? Expires);
