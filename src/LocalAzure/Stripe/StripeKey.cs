using System.Security.Cryptography;
using LocalAzure.KeyVault;

namespace LocalAzure.Stripe;

/// <summary>The restricted key by which the app asks Stripe for events. In a cloud whoever deploys puts it into the vault; here it is made at the first start.</summary>
internal static class StripeKey
{
    private const string Secret = "stripe-api-key";
    private const string LettersAndDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    /// <summary>Null when somebody has deleted it: then there is none.</summary>
    public static Task<string?> Ensure(HttpClient keyVault, CancellationToken cancellation) =>
        VaultSecret.Ensure(keyVault, Secret, "rk_test_" + RandomNumberGenerator.GetString(LettersAndDigits, 64), cancellation);
}
