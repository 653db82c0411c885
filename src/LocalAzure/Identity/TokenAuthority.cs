using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using LocalAzure.State;

namespace LocalAzure.Identity;

/// <summary>
/// Issues the bearer tokens of the managed identity and checks them, as Microsoft Entra ID would: signed, for one audience, for one day.
/// Token times are the machine's, not the test clock's: the SDKs cache tokens by the machine's clock.
/// </summary>
internal sealed class TokenAuthority(byte[] key)
{
    public const string TenantId = "11111111-1111-1111-1111-111111111111";
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    /// <summary>An authority whose key lives in <paramref name="path"/>, so that tokens outlive a restart.</summary>
    public static TokenAuthority Open(string path)
    {
        if (!File.Exists(path)) { OwnerOnlyFile.Write(path, RandomNumberGenerator.GetBytes(32)); }
        return new TokenAuthority(File.ReadAllBytes(path));
    }

    public (string Token, DateTimeOffset ExpiresOn) Issue(string audience, string objectId)
    {
        var now = TimeProvider.System.GetUtcNow();
        var expires = now + Lifetime;
        var payload = new JsonObject
        {
            ["aud"] = audience.TrimEnd('/'),
            ["iss"] = $"https://sts.windows.net/{TenantId}/",
            ["iat"] = now.ToUnixTimeSeconds(),
            ["nbf"] = now.AddMinutes(-5).ToUnixTimeSeconds(),
            ["exp"] = expires.ToUnixTimeSeconds(),
            ["oid"] = objectId,
            ["sub"] = objectId,
            ["tid"] = TenantId,
        };
        var signed = $"{Encode("""{"alg":"HS256","typ":"JWT"}"""u8)}.{Encode(Encoding.UTF8.GetBytes(payload.ToJsonString()))}";
        return ($"{signed}.{Encode(Sign(signed))}", expires);
    }

    /// <summary>Null when the token is one of ours, in time and for one of <paramref name="audiences"/>; else what is wrong with it.</summary>
    public string? Refusal(string? token, params ReadOnlySpan<string> audiences)
    {
        var parts = token?.Split('.') ?? [];
        if (parts.Length != 3) { return "no bearer token"; }
        byte[] signature, body;
        try { (signature, body) = (Decode(parts[2]), Decode(parts[1])); }
        catch (FormatException) { return "malformed token"; }
        if (!CryptographicOperations.FixedTimeEquals(signature, Sign($"{parts[0]}.{parts[1]}"))) { return "signature mismatch"; }

        using var claims = JsonDocument.Parse(body);
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        if (claims.RootElement.GetProperty("exp").GetInt64() <= now) { return "token expired"; }
        var actual = claims.RootElement.GetProperty("aud").GetString();
        foreach (var audience in audiences)
        {
            if (string.Equals(actual, audience.TrimEnd('/'), StringComparison.OrdinalIgnoreCase)) { return null; }
        }
        return $"audience is '{actual}', not '{string.Join("' or '", audiences)}'";
    }

    private byte[] Sign(string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));

    private static string Encode(ReadOnlySpan<byte> bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);

    private static byte[] Decode(string text) => System.Buffers.Text.Base64Url.DecodeFromChars(text);
}
