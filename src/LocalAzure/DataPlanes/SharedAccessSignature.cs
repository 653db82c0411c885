using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using LocalAzure.ResourceManager;

namespace LocalAzure.DataPlanes;

/// <summary>
/// The Shared Access Signature of Service Bus and Event Hubs (learn.microsoft.com: "Service Bus access control with Shared Access Signatures"). Its key is used as text, not decoded.
/// </summary>
internal static class SharedAccessSignature
{
    private const string Scheme = "SharedAccessSignature ";

    /// <summary>The rule whose key signed the request; else what the service says.</summary>
    public static (Resource? Rule, string? Refusal) Verify(HttpRequest request, TimeProvider clock, Func<string, Resource?> find)
    {
        var header = request.Headers.Authorization.ToString();
        if (!header.StartsWith(Scheme, StringComparison.Ordinal)) { return (null, "MissingToken: Authorization header not found."); }
        var parts = header[Scheme.Length..].Split('&').Select(part => part.Split('=', 2)).Where(part => part.Length == 2).ToDictionary(part => part[0], part => part[1]);
        if (!parts.TryGetValue("sr", out var resource) || !parts.TryGetValue("sig", out var signature) || !parts.TryGetValue("se", out var expiry) || !parts.TryGetValue("skn", out var name)
            || !long.TryParse(expiry, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
        {
            return (null, "MalformedToken: The token does not have the parts sr, sig, se and skn.");
        }
        if (find(Uri.UnescapeDataString(name)) is not { } rule || !IsOf(rule, $"{resource}\n{expiry}", Uri.UnescapeDataString(signature))) { return (null, "InvalidSignature: The token has an invalid signature."); }
        var ends = DateTimeOffset.FromUnixTimeSeconds(seconds);
        if (ends <= clock.GetUtcNow() && ends <= TimeProvider.System.GetUtcNow()) { return (null, "ExpiredToken: The token is expired."); }
        var asked = $"{request.Scheme}://{request.Host}{request.Path}";
        return asked.StartsWith(Uri.UnescapeDataString(resource), StringComparison.OrdinalIgnoreCase) ? (rule, null) : (null, "InvalidAudience: The authorization header contains a token for another resource.");
    }

    private static bool IsOf(Resource rule, string text, string signature)
    {
        var given = Encoding.ASCII.GetBytes(signature);
        return rule.Keys.Any(key => CryptographicOperations.FixedTimeEquals(given, Encoding.ASCII.GetBytes(Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes(key.Value), Encoding.UTF8.GetBytes(text))))));
    }
}
