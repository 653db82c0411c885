using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace CustomerFunctions.Edge;

/// <summary>ETag, If-Match and If-None-Match as RFC 9110 section 13 and RFC 6585 (428) define them.</summary>
internal static class Preconditions
{
    private const char Variant = '.';

    /// <summary>
    /// Null when the change may be made to what has <paramref name="etag"/>. Otherwise 412 when If-Match names another ETag or If-None-Match
    /// names this one, 400 when If-Match is malformed, 428 when it is missing.
    /// </summary>
    public static Problem? Check(HttpRequest request, string etag)
    {
        var refusal = Check(request.Headers.IfMatch, etag);
        return refusal?.StatusCode is null or StatusCodes.Status428PreconditionRequired && IsKnown(request, etag) ? Failures.PreconditionFailed() : refusal;
    }

    public static Problem? Check(StringValues ifMatch, string etag)
    {
        if (ifMatch.Count == 0) { return Failures.IfMatchRequired(); }
        if (!EntityTagHeaderValue.TryParseStrictList(ifMatch, out var wanted)) { return Failures.Malformed("If-Match is not a list of ETags."); }
        return wanted.Any(tag => IsAny(tag) || (!tag.IsWeak && VersionOf(tag) == etag)) ? null : Failures.Stale();
    }

    /// <summary>Whether If-Match is <c>*</c>.</summary>
    public static bool TakesWhateverIsThere(StringValues ifMatch) => EntityTagHeaderValue.TryParseStrictList(ifMatch, out var wanted) && wanted.Any(IsAny);

    /// <summary>Whether If-None-Match names <paramref name="etag"/>, which is null when there is none. A malformed header names nothing.</summary>
    public static bool IsKnown(HttpRequest request, string? etag) =>
        etag is not null && EntityTagHeaderValue.TryParseStrictList(request.Headers.IfNoneMatch, out var known)
        && known.Any(tag => IsAny(tag) || tag.Tag == etag || VersionOf(tag) == etag);

    /// <summary>
    /// The ETag of an answer that shows more than its document, such as what follows from the time: the document's ETag and a hash of the answer.
    /// If-Match compares the document's part only.
    /// </summary>
    public static string ETagOf<T>(string document, T answer, JsonTypeInfo<T> json) =>
        $"{document.TrimEnd('"')}{Variant}{Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(answer, json)))[..16]}\"";

    private static bool IsAny(EntityTagHeaderValue tag) => tag.Equals(EntityTagHeaderValue.Any);

    private static string VersionOf(EntityTagHeaderValue tag) => tag.Tag.IndexOf(Variant) is var at and >= 0 ? string.Concat(tag.Tag.AsSpan(0, at), "\"") : tag.Tag.ToString();
}
