using System.Security.Cryptography;
using LocalAzure.State;

namespace LocalAzure.KeyVault;

/// <summary>
/// The secrets of one vault and what may happen to them: versions, soft delete, recovery, purge (learn.microsoft.com: "About Azure Key
/// Vault secrets", "Azure Key Vault soft-delete overview"). It returns snapshots; every change is in the journal before it is visible.
/// </summary>
internal sealed class SecretVault : IDisposable
{
    private const int CompactAbove = 1000;
    private readonly SortedDictionary<string, Secret> secrets = new(StringComparer.OrdinalIgnoreCase);
    private readonly Lock gate = new();
    private readonly TimeProvider clock;
    private volatile KeyVaultOptions options;
    private readonly Journal<VaultChange> journal;

    public SecretVault(string journalPath, KeyVaultOptions options, TimeProvider clock)
    {
        this.options = options;
        this.clock = clock;
        journal = Journal<VaultChange>.Open(journalPath, VaultChangeJson.Default.VaultChange, Apply);
        if (journal.Count > CompactAbove + (2 * secrets.Count)) { journal.Replace([.. Snapshot()]); }
    }

    /// <summary>How the vault was created.</summary>
    public KeyVaultOptions Options { get => options; set => options = value; }

    private long Now => clock.GetUtcNow().ToUnixTimeSeconds();

    public Secret Set(string name, SecretChange change)
    {
        lock (gate)
        {
            var existing = Find(name);
            if (existing?.Deletion is not null) { throw KeyVaultRefusal.DeletedButRecoverable(name); }
            var now = Now;
            var id = RandomNumberGenerator.GetHexString(32, lowercase: true);
            return Commit(new VaultChange.Written(existing?.Name ?? name, new SecretVersion(
                id, change.Value!, change.ContentType, change.Tags, change.Enabled ?? true, change.NotBefore, change.Expires, now, now)));
        }
    }

    public Secret Get(string name)
    {
        lock (gate) { return FindActive(name); }
    }

    public Secret? GetOrNull(string name)
    {
        lock (gate) { return Find(name) is { Deletion: null } secret ? secret : null; }
    }

    public (Secret Secret, SecretVersion Version) Update(string name, string? version, SecretChange change)
    {
        lock (gate)
        {
            var secret = FindActive(name);
            var before = secret.Version(version) ?? throw KeyVaultRefusal.NotFound($"{name}/{version}");
            var after = before with
            {
                ContentType = change.ContentType ?? before.ContentType,
                Tags = change.Tags ?? before.Tags,
                Enabled = change.Enabled ?? before.Enabled,
                NotBefore = change.NotBefore ?? before.NotBefore,
                Expires = change.Expires ?? before.Expires,
                Updated = Now,
            };
            return (Commit(new VaultChange.Written(secret.Name, after)), after);
        }
    }

    public Secret Delete(string name)
    {
        lock (gate)
        {
            var secret = FindActive(name);
            var now = clock.GetUtcNow();
            var purge = now.AddDays(options.RetentionDays);
            return Commit(new VaultChange.Deleted(secret.Name, new Deletion(now.ToUnixTimeSeconds(), purge.ToUnixTimeSeconds())));
        }
    }

    public Secret GetDeleted(string name)
    {
        lock (gate) { return FindDeleted(name); }
    }

    public Secret Recover(string name)
    {
        lock (gate) { return Commit(new VaultChange.Recovered(FindDeleted(name).Name)); }
    }

    public void Purge(string name)
    {
        lock (gate)
        {
            var secret = FindDeleted(name);
            if (options.PurgeProtection) { throw KeyVaultRefusal.PurgeProtected(); }
            Forget(secret.Name);
        }
    }

    public Secret Restore(VaultChange.Restored backup, Func<string, string> idOf)
    {
        lock (gate)
        {
            return Find(backup.Name) switch
            {
                null => Commit(backup),
                { Deletion: null } => throw KeyVaultRefusal.RestoreConflict(idOf(backup.Name)),
                _ => throw KeyVaultRefusal.DeletedButRecoverable(backup.Name),
            };
        }
    }

    /// <summary>All secrets by name, either the active ones or the deleted ones.</summary>
    public IReadOnlyList<Secret> List(bool deleted)
    {
        lock (gate) { return [.. secrets.Values.Where(secret => secret.Deletion is not null == deleted && !HasLapsed(secret))]; }
    }

    public void Dispose() => journal.Dispose();

    private Secret FindActive(string name) =>
        Find(name) is { Deletion: null } secret ? secret : throw KeyVaultRefusal.NotFound(name);

    private Secret FindDeleted(string name) =>
        Find(name) is { Deletion: not null } secret ? secret : throw KeyVaultRefusal.DeletedNotFound(name);

    private Secret? Find(string name)
    {
        if (!secrets.TryGetValue(name, out var secret)) { return null; }
        if (!HasLapsed(secret)) { return secret; }
        Forget(secret.Name);
        return null;
    }

    private bool HasLapsed(Secret secret) => secret.Deletion is { PurgeOn: var purge } && purge <= Now;

    private Secret Commit(VaultChange change)
    {
        journal.Append(change);
        Apply(change);
        return secrets[change.Name];
    }

    private void Forget(string name)
    {
        var change = new VaultChange.Purged(name);
        journal.Append(change);
        Apply(change);
    }

    private void Apply(VaultChange change)
    {
        switch (change)
        {
            case VaultChange.Written { Name: var name, Version: var version }:
                secrets[name] = secrets.TryGetValue(name, out var secret) ? secret.With(version) : new Secret(name, [version]);
                break;
            case VaultChange.Restored { Name: var name, Versions: var versions }:
                secrets[name] = new Secret(name, [.. versions]);
                break;
            case VaultChange.Deleted { Name: var name, Deletion: var deletion }:
                secrets[name] = secrets[name] with { Deletion = deletion };
                break;
            case VaultChange.Recovered { Name: var name }:
                secrets[name] = secrets[name] with { Deletion = null };
                break;
            case VaultChange.Purged { Name: var name }:
                secrets.Remove(name);
                break;
        }
    }

    private IEnumerable<VaultChange> Snapshot()
    {
        foreach (var secret in secrets.Values)
        {
            yield return new VaultChange.Restored(secret.Name, secret.Versions);
            if (secret.Deletion is { } deletion) { yield return new VaultChange.Deleted(secret.Name, deletion); }
        }
    }
}

/// <summary>How the vault was created; by itself as infra/bicep/modules/vault.bicep creates it.</summary>
/// <param name="RetentionDays">7 to 90; for so long a deleted secret can be recovered.</param>
/// <param name="PurgeProtection">Nobody can purge: a deleted secret leaves when its retention has passed, not before.</param>
internal sealed record KeyVaultOptions(int RetentionDays = 90, bool PurgeProtection = true)
{
    /// <summary>The vault's <c>recoveryLevel</c> (REST reference, DeletionRecoveryLevel).</summary>
    public string RecoveryLevel => (RetentionDays < 90 ? "CustomizedRecoverable" : "Recoverable") + (PurgeProtection ? "" : "+Purgeable");
}
