namespace LocalAzure.KeyVault;

/// <summary>
/// Every refusal of the vault, with the texts that Key Vault sends (learn.microsoft.com: "Azure Key Vault REST API error codes"; the
/// rest as recorded in the public tests and issues of Microsoft's SDKs). A refused property is named here; the service leaves the name out.
/// </summary>
internal sealed class KeyVaultRefusal(int status, string code, string message, string? inner = null) : Exception(message)
{
    public int Status => status;

    public string Code => code;

    /// <summary>The code of <c>innererror</c>, for the refusals that have one.</summary>
    public string? Inner => inner;

    public static KeyVaultRefusal NoToken() => new(401, "Unauthorized", "AKV10000: Request is missing a Bearer or PoP token.");

    public static KeyVaultRefusal BadToken(string why) => new(401, "Unauthorized", $"AKV10022: Invalid token: {why}.");

    public static KeyVaultRefusal NoApiVersion() => new(400, "BadParameter", "api-version must be specified");

    public static KeyVaultRefusal UnknownApiVersion(string given, IEnumerable<string> known) =>
        new(400, "BadParameter",
            $"The specified version ({given}) is not recognized. Consider using the latest supported version ({known.Last()}).");

    public static KeyVaultRefusal BadName(string name) => new(400, "BadParameter", $"The request URI contains an invalid name: {name}");

    public static KeyVaultRefusal BadProperty(string property, string rule) =>
        new(400, "BadParameter", $"Property {property} has invalid value: {rule}.");

    public static KeyVaultRefusal BadMaxResults(string given) =>
        new(400, "BadParameter", $"Invalid maxresults '{given}': it must be between 1 and 25.");

    public static KeyVaultRefusal BadSkipToken() => new(400, "BadParameter", "The $skiptoken is not one of this vault.");

    public static KeyVaultRefusal NotFound(string nameAndVersion) => new(404, "SecretNotFound",
        $"A secret with (name/id) {nameAndVersion} was not found in this key vault. If you recently deleted this secret you may be able to "
        + "recover it using the correct recovery command. For help resolving this issue, please see "
        + "https://go.microsoft.com/fwlink/?linkid=2125182");

    public static KeyVaultRefusal DeletedNotFound(string name) => new(404, "SecretNotFound", $"Deleted Secret not found: {name}");

    public static KeyVaultRefusal Disabled() =>
        new(403, "Forbidden", "Operation get is not allowed on a disabled secret.", "SecretDisabled");

    /// <summary>As reported in github.com/microsoft/AzureTRE, issue 1951.</summary>
    public static KeyVaultRefusal PurgeProtected() => new(403, "Forbidden",
        "Operation \"purge\" is not allowed because purge protection is enabled for this vault. Key Vault service will automatically purge it "
        + "after the retention period has passed.\r\nVault: local;location=local");

    public static KeyVaultRefusal DeletedButRecoverable(string name) => new(409, "Conflict",
        $"Secret {name} is currently in a deleted but recoverable state, and its name cannot be reused; "
        + "in this state, the secret can only be recovered or purged.",
        "ObjectIsDeletedButRecoverable");

    public static KeyVaultRefusal RestoreConflict(string id) =>
        new(409, "Conflict", $"There was a conflict restoring the secret '{id}'. Target Secret already exists.");

    public static KeyVaultRefusal BadBackup() => new(400, "BadParameter", "Backup blob contains invalid or corrupt version.");

    public static KeyVaultRefusal TooManyVersions(string name, int limit) =>
        new(400, "BadParameter", $"Secret {name} has more than {limit} versions, which a backup does not support.");

    public static KeyVaultRefusal MethodNotAllowed(string method) =>
        new(405, "MethodNotAllowed", $"The method {method} is not allowed here.");

    public static KeyVaultRefusal NotImplemented(string what) => new(501, "NotImplemented", $"LocalAzure does not implement {what}.");
}
