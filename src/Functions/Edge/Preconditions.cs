using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace CustomerFunctions.Edge;

/// <summary>ETag and If-Match as RFC 9110 section 13 and RFC 6585 (428) have them.</summary>
internal static class Preconditions
{
    /// <summary>Null when the request's If-Match names <paramref name="etag"/>; else the refusal: 428 when it is missing, 400 when it is no ETag, 412 when it is another.</summary>
    public static Problem? Check(HttpRequest request, string etag) => Check(request.Headers.IfMatch, etag);

    public static Problem? Check(StringValues ifMatch, string etag)
    {
        if (ifMatch.Count == 0) { return Failures.IfMatchRequired(); }
        if (!EntityTagHeaderValue.TryParseStrictList(ifMatch, out var wanted)) { return Failures.Malformed("If-Match is not a list of ETags."); }
        var current = EntityTagHeaderValue.Parse(etag);
        return wanted.Any(tag => tag.Equals(EntityTagHeaderValue.Any) || tag.Compare(current, useStrongComparison: true)) ? null : Failures.Stale();
    }
}
