using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using LocalAzure.State;

namespace LocalAzure.KeyVault;

/// <summary>
/// A backup is the whole secret, encrypted, for this vault only; Key Vault's opens in any vault of the subscription and geography
/// (learn.microsoft.com: "Azure Key Vault backup and restore").
/// </summary>
internal sealed class SecretBackup
{
    /// <summary>More versions than this can't be backed up (same page, "Limitations").</summary>
    public const int MaxVersions = 500;

    private readonly byte[] key;

    private SecretBackup(byte[] key) => this.key = key;

    public static SecretBackup Open(string keyPath)
    {
        if (!File.Exists(keyPath)) { OwnerOnlyFile.Write(keyPath, RandomNumberGenerator.GetBytes(32)); }
        return new SecretBackup(File.ReadAllBytes(keyPath));
    }

    public string Pack(Secret secret)
    {
        if (secret.Versions.Count > MaxVersions) { throw KeyVaultRefusal.TooManyVersions(secret.Name, MaxVersions); }
        var whole = new VaultChange.Restored(secret.Name, secret.Versions);
        var content = JsonSerializer.SerializeToUtf8Bytes(whole, VaultChangeJson.Default.Restored);
        var packed = new byte[AesGcm.NonceByteSizes.MaxSize + AesGcm.TagByteSizes.MaxSize + content.Length];
        var (nonce, tag, cipher) = Parts(packed);
        RandomNumberGenerator.Fill(nonce.Span);
        using var aes = new AesGcm(key, tag.Length);
        aes.Encrypt(nonce.Span, content, cipher.Span, tag.Span);
        return Base64Url.EncodeToString(packed);
    }

    public VaultChange.Restored Unpack(string backup)
    {
        try
        {
            var packed = Base64Url.DecodeFromChars(backup);
            if (packed.Length <= AesGcm.NonceByteSizes.MaxSize + AesGcm.TagByteSizes.MaxSize) { throw KeyVaultRefusal.BadBackup(); }
            var (nonce, tag, cipher) = Parts(packed);
            var content = new byte[cipher.Length];
            using var aes = new AesGcm(key, tag.Length);
            aes.Decrypt(nonce.Span, cipher.Span, tag.Span, content);
            return JsonSerializer.Deserialize(content, VaultChangeJson.Default.Restored)!;
        }
        catch (Exception e) when (e is FormatException or CryptographicException)
        {
            throw KeyVaultRefusal.BadBackup();
        }
    }

    private static (Memory<byte> Nonce, Memory<byte> Tag, Memory<byte> Cipher) Parts(byte[] packed)
    {
        var (nonce, tag) = (AesGcm.NonceByteSizes.MaxSize, AesGcm.TagByteSizes.MaxSize);
        return (packed.AsMemory(0, nonce), packed.AsMemory(nonce, tag), packed.AsMemory(nonce + tag));
    }
}
