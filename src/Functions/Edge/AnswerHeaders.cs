using CustomerFunctions.Access;
using CustomerFunctions.RateLimits;

namespace CustomerFunctions.Edge;

/// <summary>
/// Writes the headers that every answer has, for caches, browsers and known callers, unless its handler has set them. No GET answers
/// with a secret or a token, so <c>no-store</c> on every other method covers them all. Refusals are not stored either;
/// caches may keep a 404 by heuristics (RFC 9110 section 15.1). An authenticated GET is private and revalidated each
/// time (RFC 9111 section 5.2.2).
/// </summary>
internal sealed class AnswerHeaders(RequestDelegate next)
{
    private const string Year = "max-age=31536000";

    public Task Invoke(HttpContext context)
    {
        // Written last: the exception edge clears the headers of an answer that failed.
        context.Response.OnStarting(Write, context);
        return next(context);
    }

    private static Task Write(object state)
    {
        var context = (HttpContext)state;
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        // Only over TLS (RFC 6797 section 7.2). The platform's front end ends it and sets X-Forwarded-Proto.
        if (context.Request.IsHttps) { headers.StrictTransportSecurity = Year; }
        if (context.Features.Get<RateLimitStatus>() is { } limit && !headers.ContainsKey(RateLimitStatus.Header)) { limit.WriteTo(headers); }
        if (headers.CacheControl.Count == 0) { headers.CacheControl = Caching(context); }
        return Task.CompletedTask;
    }

    private static string? Caching(HttpContext context) =>
        !(HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method)) || context.Response.StatusCode >= StatusCodes.Status400BadRequest ? "no-store"
        : context.GetEndpoint()?.Metadata.GetMetadata<Requirement>() is { Permission: not null } ? "private, no-cache"
        : null;
}
