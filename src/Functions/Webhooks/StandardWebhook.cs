using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace CustomerFunctions.Webhooks;

/// <summary>
/// Standard Webhooks 1.0 (standardwebhooks.com): <c>v1,</c> and the base64 of an HMAC-SHA256 over <c>id.timestamp.body</c>, by a secret of 24 to 64 bytes that is written as
/// <c>whsec_</c> and base64. While a secret is replaced a message carries a signature by each, parted by spaces.
/// </summary>
internal static class StandardWebhook
{
    public const string IdHeader = "webhook-id";
    public const string TimestampHeader = "webhook-timestamp";
    public const string SignatureHeader = "webhook-signature";

    private const string SvixPrefix = "svix-";
    private const string Prefix = "webhook-";

    /// <summary>
    /// The id, time and signatures of a message, from <c>webhook-*</c> headers or from the <c>svix-*</c> ones that Svix sends with the same meaning. Null unless exactly one set is present,
    /// complete and each header once: with two, another reader of the request could take the set that was not verified.
    /// </summary>
    public static (string Id, string Timestamp, string Signatures)? Read(IHeaderDictionary headers)
    {
        string[] names = [IdHeader, TimestampHeader, SignatureHeader];
        string[] svix = [.. names.Select(name => SvixPrefix + name[Prefix.Length..])];
        var (own, other) = (names.Count(headers.ContainsKey), svix.Count(headers.ContainsKey));
        var set = (own, other) switch { (3, 0) => names, (0, 3) => svix, _ => null };
        return set is null || set.Any(name => headers[name].Count != 1) ? null : (headers[set[0]].ToString(), headers[set[1]].ToString(), headers[set[2]].ToString());
    }

    /// <summary>How far a message's time may be from now.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    private const string SecretPrefix = "whsec_";
    private const string Scheme = "v1,";
    private const int MaxSignatures = 10;

    /// <summary>The bytes of a secret as it is written; null when it is none.</summary>
    public static byte[]? Secret(string? text)
    {
        if (text?.StartsWith(SecretPrefix, StringComparison.Ordinal) != true) { return null; }
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text[SecretPrefix.Length..], bytes, out var length) && length is >= 24 and <= 64 ? bytes[..length] : null;
    }

    /// <summary>The secret as it is written.</summary>
    public static string SecretText(byte[] secret) => SecretPrefix + Convert.ToBase64String(secret);

    public static string Sign(byte[] secret, string id, string timestamp, ReadOnlySpan<byte> body) => Scheme + Convert.ToBase64String(Mac(secret, id, timestamp, body));

    /// <summary>Whether the message was signed by the secret and is not older, or newer, than <see cref="Tolerance"/>.</summary>
    public static bool Verify(byte[] secret, string id, string timestamp, string signatures, ReadOnlySpan<byte> body, DateTimeOffset now)
    {
        if (id.Length is 0 or > 256 || !long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)) { return false; }
        if (Math.Abs(now.ToUnixTimeSeconds() - seconds) > Tolerance.TotalSeconds) { return false; }
        var expected = Mac(secret, id, timestamp, body);
        var actual = new byte[expected.Length];
        var verified = false;
        foreach (var signature in signatures.Split(' ').Take(MaxSignatures).Where(one => one.StartsWith(Scheme, StringComparison.Ordinal)))
        {
            verified |= Convert.TryFromBase64String(signature[Scheme.Length..], actual, out var length) && length == actual.Length && CryptographicOperations.FixedTimeEquals(expected, actual);
        }
        return verified;
    }

    private static byte[] Mac(byte[] secret, string id, string timestamp, ReadOnlySpan<byte> body)
    {
        using var mac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, secret);
        mac.AppendData(Encoding.UTF8.GetBytes($"{id}.{timestamp}."));
        mac.AppendData(body);
        return mac.GetHashAndReset();
    }
}
