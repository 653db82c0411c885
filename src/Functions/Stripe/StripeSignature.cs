using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace CustomerFunctions.Stripe;

/// <summary>
/// Stripe's own signature of a webhook (docs.stripe.com/webhooks, "Verify webhook signatures manually"): <c>t=</c> and the time in seconds, then <c>v1=</c> and the hex of an HMAC-SHA256 over
/// <c>time.body</c>, by the secret as it is written. While a secret is rolled there are several <c>v1</c>; other schemes are ignored, so that nobody is talked down to a weaker one.
/// </summary>
internal static class StripeSignature
{
    public const string Header = "Stripe-Signature";

    /// <summary>How far a message's time may be from now.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    private const int LongestHeader = 2_000;

    public static string Sign(string secret, long timestamp, ReadOnlySpan<byte> body) =>
        string.Create(CultureInfo.InvariantCulture, $"t={timestamp},v1={Convert.ToHexStringLower(Mac(secret, timestamp.ToString(CultureInfo.InvariantCulture), body))}");

    public static bool Verify(string secret, string header, ReadOnlySpan<byte> body, DateTimeOffset now)
    {
        if (header.Length is 0 or > LongestHeader) { return false; }
        var parts = header.Split(',').Select(part => part.Split('=', 2)).Where(part => part.Length == 2).Select(part => (Name: part[0].Trim(), Value: part[1].Trim())).ToList();
        var time = parts.FirstOrDefault(part => part.Name == "t").Value;
        if (!long.TryParse(time, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || Math.Abs(now.ToUnixTimeSeconds() - seconds) > Tolerance.TotalSeconds) { return false; }
        var expected = Encoding.ASCII.GetBytes(Convert.ToHexStringLower(Mac(secret, time, body)));
        var verified = false;
        foreach (var (_, signature) in parts.Where(part => part.Name == "v1")) { verified |= CryptographicOperations.FixedTimeEquals(expected, Encoding.UTF8.GetBytes(signature)); }
        return verified;
    }

    private static byte[] Mac(string secret, string time, ReadOnlySpan<byte> body)
    {
        using var mac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret));
        mac.AppendData(Encoding.UTF8.GetBytes(time + "."));
        mac.AppendData(body);
        return mac.GetHashAndReset();
    }
}
