using System.Net;
using System.Security.Cryptography;
using System.Text.Json;

namespace LocalAzure.Stripe;

/// <summary>The restricted key by which the app asks Stripe for events. In a cloud whoever deploys puts it into the vault; here it is made at the first start.</summary>
internal static class StripeKey
{
    private const string Path = "/secrets/stripe-api-key?api-version=7.6";
    private const string LettersAndDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    /// <summary>Null when somebody has deleted it: then there is none.</summary>
    public static async Task<string?> Ensure(HttpClient keyVault, CancellationToken cancellation)
    {
        using var answer = await keyVault.GetAsync(Path, cancellation);
        if (answer.StatusCode == HttpStatusCode.OK)
        {
            using var secret = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(cancellation));
            return secret.RootElement.GetProperty("value").GetString();
        }
        var key = "rk_test_" + RandomNumberGenerator.GetString(LettersAndDigits, 64);
        using var set = await keyVault.PutAsJsonAsync(Path, new { value = key }, cancellation);
        return set.IsSuccessStatusCode ? key : null;
    }
}
