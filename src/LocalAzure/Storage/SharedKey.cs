using System.Security.Cryptography;
using System.Text;

namespace LocalAzure.Storage;

/// <summary>
/// The Shared Key scheme of the blob service, from version 2015-02-21 on (learn.microsoft.com: "Authorize with Shared Key"). The account is
/// twice in the resource, because it is also the first segment of the path.
/// </summary>
internal static class SharedKey
{
    public static string Sign(string stringToSign, string key) =>
        Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(key), Encoding.UTF8.GetBytes(stringToSign)));

    public static string StringToSign(HttpRequest request, string account)
    {
        var headers = request.Headers;
        var length = request.ContentLength is null or 0 ? "" : $"{request.ContentLength}";
        // With x-ms-date, the line of Date is empty.
        var date = headers.ContainsKey("x-ms-date") ? "" : headers.Date.ToString();
        string[] lines =
        [
            request.Method, $"{headers.ContentEncoding}", $"{headers.ContentLanguage}", length, $"{headers.ContentMD5}",
            $"{headers.ContentType}", date, $"{headers.IfModifiedSince}", $"{headers.IfMatch}", $"{headers.IfNoneMatch}",
            $"{headers.IfUnmodifiedSince}", $"{headers.Range}",
        ];
        return $"{string.Join('\n', lines)}\n{CanonicalHeaders(headers)}{CanonicalResource(request, account)}";
    }

    /// <summary>Whether <paramref name="signature"/> was made with <paramref name="key"/>; takes the same time whatever differs.</summary>
    public static bool Verifies(string stringToSign, string signature, string key) =>
        CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Sign(stringToSign, key)), Encoding.ASCII.GetBytes(signature));

    private static string CanonicalHeaders(IHeaderDictionary headers) => string.Concat(headers
        .Where(header => header.Key.StartsWith("x-ms-", StringComparison.OrdinalIgnoreCase))
        .Select(header => (Name: header.Key.ToLowerInvariant(), Value: header.Value.ToString().Trim()))
        .OrderBy(header => header.Name, StringComparer.Ordinal)
        .Select(header => $"{header.Name}:{header.Value}\n"));

    private static string CanonicalResource(HttpRequest request, string account)
    {
        var parameters = request.Query
            .Select(parameter => (Name: parameter.Key.ToLowerInvariant(), Values: parameter.Value.Order(StringComparer.Ordinal)))
            .OrderBy(parameter => parameter.Name, StringComparer.Ordinal)
            .Select(parameter => $"\n{parameter.Name}:{string.Join(',', parameter.Values)}");
        return $"/{account}{request.Path.ToUriComponent()}{string.Concat(parameters)}";
    }
}
