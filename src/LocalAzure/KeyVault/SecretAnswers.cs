using System.Text.Json.Serialization;

namespace LocalAzure.KeyVault;

/// <summary>The JSON of Key Vault's answers (REST reference: SecretBundle, SecretItem, DeletedSecretBundle, DeletedSecretItem).</summary>
internal sealed class SecretAnswers(string vaultUrl, KeyVaultOptions options)
{
    public sealed record Attributes(
        bool Enabled, long? Nbf, long? Exp, long Created, long Updated, string RecoveryLevel, int RecoverableDays);

    public sealed record Bundle(
        string? Value, string Id, string? ContentType, Attributes Attributes, IReadOnlyDictionary<string, string>? Tags,
        string? RecoveryId = null, long? DeletedDate = null, long? ScheduledPurgeDate = null)
    {
        public override string ToString() => Id;
    }

    public sealed record Page(IReadOnlyList<Bundle> Value, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? NextLink);

    public sealed record Backup(string Value);

    public sealed record Failure(Error Error);

    public sealed record Error(string Code, string Message, InnerError? Innererror);

    public sealed record InnerError(string Code);

    public string IdOf(string name) => $"{vaultUrl}/secrets/{name}";

    /// <summary>One version; with its value only where Key Vault sends it: as the answer to set and get.</summary>
    public Bundle Of(Secret secret, SecretVersion version, bool withValue = false) =>
        Describe(secret, version, $"{IdOf(secret.Name)}/{version.Id}") with { Value = withValue ? version.Value : null };

    /// <summary>A secret in a list: its id names no version, its attributes are the newest version's.</summary>
    public Bundle Item(Secret secret) => Describe(secret, secret.Latest, IdOf(secret.Name));

    private Bundle Describe(Secret secret, SecretVersion version, string id)
    {
        var attributes = new Attributes(
            version.Enabled, version.NotBefore, version.Expires, version.Created, version.Updated,
            options.RecoveryLevel, options.RetentionDays);
        var bundle = new Bundle(null, id, version.ContentType, attributes, version.Tags);
        return secret.Deletion is not { } deletion ? bundle : bundle with
        {
            RecoveryId = $"{vaultUrl}/deletedsecrets/{secret.Name}",
            DeletedDate = deletion.DeletedOn,
            ScheduledPurgeDate = deletion.PurgeOn,
        };
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SecretAnswers.Bundle))]
[JsonSerializable(typeof(SecretAnswers.Page))]
[JsonSerializable(typeof(SecretAnswers.Backup))]
[JsonSerializable(typeof(SecretAnswers.Failure))]
internal sealed partial class SecretAnswersJson : JsonSerializerContext;
