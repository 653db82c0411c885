using System.Net;
using System.Security.Cryptography;
using System.Text.Json;

namespace LocalAzure.Mail;

/// <summary>What signs the app's mail webhook. In a cloud whoever deploys puts it into the vault; here it is made at the first start.</summary>
internal static class MailSecret
{
    private const string Path = "/secrets/mail-webhook-secret?api-version=7.6";
    private const string Prefix = "whsec_";

    public static async Task<byte[]> Ensure(HttpClient keyVault, CancellationToken cancellation)
    {
        using var answer = await keyVault.GetAsync(Path, cancellation);
        if (answer.StatusCode == HttpStatusCode.OK)
        {
            using var secret = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(cancellation));
            return Convert.FromBase64String(secret.RootElement.GetProperty("value").GetString()![Prefix.Length..]);
        }
        var key = RandomNumberGenerator.GetBytes(32);
        using var set = await keyVault.PutAsJsonAsync(Path, new { value = Prefix + Convert.ToBase64String(key) }, cancellation);
        set.EnsureSuccessStatusCode();
        return key;
    }
}
