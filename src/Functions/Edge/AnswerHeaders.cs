using CustomerFunctions.Access;

namespace CustomerFunctions.Edge;

/// <summary>
/// Writes what every answer tells caches and browsers, unless its handler has said otherwise. Secrets and tokens are only ever answers to something else than a GET, so those are never
/// stored; nor are refusals, which may otherwise be cached without being asked for (404, RFC 9110 section 15.1). What an authenticated GET answers is for the caller alone, and is asked for
/// again each time (RFC 9111 section 5.2.2).
/// </summary>
internal sealed class AnswerHeaders(RequestDelegate next)
{
    private const string Year = "max-age=31536000";

    public Task Invoke(HttpContext context)
    {
        // As late as can be: an exception clears what was written before.
        context.Response.OnStarting(Write, context);
        return next(context);
    }

    private static Task Write(object state)
    {
        var context = (HttpContext)state;
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        // Only over TLS (RFC 6797 section 7.2), which the platform's front end ends for the app and reports.
        if (context.Request.IsHttps) { headers.StrictTransportSecurity = Year; }
        if (headers.CacheControl.Count == 0) { headers.CacheControl = Caching(context); }
        return Task.CompletedTask;
    }

    private static string? Caching(HttpContext context) =>
        !(HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method)) || context.Response.StatusCode >= StatusCodes.Status400BadRequest ? "no-store"
        : context.GetEndpoint()?.Metadata.GetMetadata<Requirement>() is { Permission: not null } ? "private, no-cache"
        : null;
}
