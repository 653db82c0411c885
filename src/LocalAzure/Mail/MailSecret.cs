using System.Security.Cryptography;
using LocalAzure.KeyVault;

namespace LocalAzure.Mail;

/// <summary>What signs the app's mail webhook. In a cloud whoever deploys puts it into the vault; here it is made at the first start.</summary>
internal static class MailSecret
{
    private const string Secret = "mail-webhook-secret";
    private const string Prefix = "whsec_";

    public static async Task<byte[]> Ensure(HttpClient keyVault, CancellationToken cancellation)
    {
        var made = Prefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
        var secret = await VaultSecret.Ensure(keyVault, Secret, made, cancellation)
            ?? throw new StartRefused($"The secret {Secret} was deleted from the emulated Key Vault and cannot be made again: recover it, or begin afresh with --reset.");
        return Convert.FromBase64String(secret[Prefix.Length..]);
    }
}
