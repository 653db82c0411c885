using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json.Serialization;
using CustomerFunctions.RateLimits;

namespace CustomerFunctions.Edge;

/// <summary>What is wrong with one field: an RFC 6901 pointer into the request's body (or <c>?name</c> for a query parameter), a stable code and a sentence.</summary>
[SuppressMessage("Naming", "CA1720", Justification = "RFC 6901 calls it a pointer.")]
public sealed record FieldError(string Pointer, string Code, string Detail);

/// <summary>An RFC 9457 problem document. <c>code</c> is what a program switches on; <c>type</c> is the same, as a URL that explains it.</summary>
public sealed record ProblemDocument(string Type, string Title, int Status, string Detail, string Instance, string Code, string TraceId)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<FieldError>? Errors { get; init; }

    /// <summary>Where to look instead, for refusals that have such a place (the rotation already under way, say).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Link { get; init; }

    /// <summary>The limits that were reached, by the names they have in RateLimit-Policy.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonPropertyName("violated-policies")]
    public IReadOnlyList<string>? ViolatedPolicies { get; init; }

    /// <summary>What to send along with a second factor.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Challenge { get; init; }

    /// <summary>The feature that the customer lacks.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Feature { get; init; }

    /// <summary>The plans that have the feature.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Plans { get; init; }
}

/// <summary>A refusal as a result. Only <see cref="Failures"/> makes them.</summary>
internal sealed class Problem(ProblemKind kind, string detail) : IResult, IStatusCodeHttpResult
{
    /// <summary>The type that every API gives to a reached limit (IETF draft "RateLimit header fields for HTTP", problem types).</summary>
    private const string QuotaExceeded = "https://iana.org/assignments/http-problem-types#quota-exceeded";

    public ProblemKind Kind => kind;

    public int? StatusCode => kind.Status;

    public IReadOnlyList<FieldError>? Errors { get; init; }

    public string? Link { get; init; }

    public string? Challenge { get; init; }

    public string? Feature { get; init; }

    public IReadOnlyList<string>? Plans { get; init; }

    /// <summary>Sent as the Retry-After header, in whole seconds.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The limit that was reached; sent as the RateLimit headers, with <see cref="RetryAfter"/>.</summary>
    public RateLimitStatus? Limit { get; init; }

    /// <summary>Methods the resource does have; sent as the Allow header.</summary>
    public string? Allow { get; init; }

    /// <summary>Content codings that a body may have; sent as the Accept-Encoding header.</summary>
    public string? AcceptEncoding { get; init; }

    /// <summary>The content type a PATCH of the resource takes; sent as the Accept-Patch header (RFC 5789 section 3.1).</summary>
    public string? AcceptPatch { get; init; }

    /// <summary>Another write came first: the same change to what is there now may succeed.</summary>
    public bool IsStale { get; init; }

    /// <summary>What a caller gives to whoever operates the API, who finds the request by it.</summary>
    public static string TraceId(HttpContext context) => Activity.Current?.TraceId.ToHexString() ?? context.TraceIdentifier;

    /// <summary>The refusal as it stands in an answer.</summary>
    public ProblemDocument Document(HttpContext context) => new(
        Limit is null ? $"{context.Request.Scheme}://{context.Request.Host}/api/problems/{kind.Code}" : QuotaExceeded, kind.Title, kind.Status, detail, context.Request.Path,
        kind.Code, TraceId(context))
    { Errors = Errors, Link = Link, Challenge = Challenge, Feature = Feature, Plans = Plans, ViolatedPolicies = Limit is null ? null : [Limit.Policy] };

    public Task ExecuteAsync(HttpContext context)
    {
        var response = context.Response;
        response.StatusCode = kind.Status;
        if (kind.Status == StatusCodes.Status401Unauthorized) { response.Headers.WWWAuthenticate = "Bearer realm=\"customers\""; }
        if (RetryAfter is { } wait) { response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture); }
        Limit?.WriteTo(response.Headers);
        if (Allow is not null) { response.Headers.Allow = Allow; }
        if (AcceptEncoding is not null) { response.Headers.AcceptEncoding = AcceptEncoding; }
        if (AcceptPatch is not null) { response.Headers["Accept-Patch"] = AcceptPatch; }
        return response.WriteAsJsonAsync(Document(context), ApiJson.Default.ProblemDocument, "application/problem+json");
    }
}
