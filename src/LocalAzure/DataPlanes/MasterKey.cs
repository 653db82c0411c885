using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using LocalAzure.ResourceManager;

namespace LocalAzure.DataPlanes;

/// <summary>The master-key signature of Cosmos DB, for a GET of the account (learn.microsoft.com: "Access control in the Azure Cosmos DB SQL API").</summary>
internal static partial class MasterKey
{
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(15);

    /// <summary>Whether the request is signed with one of the account's current keys, read-only ones included, and dated now by the test clock or the machine's.</summary>
    public static bool Opens(HttpRequest request, Resource account, TimeProvider clock)
    {
        var date = request.Headers["x-ms-date"].ToString();
        var signed = Pattern().Match(Uri.UnescapeDataString(request.Headers.Authorization.ToString()));
        if (!signed.Success || !DateTimeOffset.TryParseExact(date, "R", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var sent)) { return false; }
        if ((sent - clock.GetUtcNow()).Duration() > Tolerance && (sent - TimeProvider.System.GetUtcNow()).Duration() > Tolerance) { return false; }
        var text = Encoding.UTF8.GetBytes($"get\n\n\n{date.ToLowerInvariant()}\n\n");
        var signature = Encoding.ASCII.GetBytes(signed.Groups["signature"].Value);
        return account.Keys.Any(key => CryptographicOperations.FixedTimeEquals(signature, Encoding.ASCII.GetBytes(Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(key.Value), text)))));
    }

    [GeneratedRegex(@"^type=master&ver=1\.0&sig=(?<signature>[A-Za-z0-9+/]{43}=)\z")]
    private static partial Regex Pattern();
}
