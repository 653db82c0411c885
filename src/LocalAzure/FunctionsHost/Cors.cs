using Microsoft.Net.Http.Headers;

namespace LocalAzure.FunctionsHost;

/// <summary>
/// What the platform's front end does for browsers: it answers preflight requests itself and marks answers to allowed origins. The app sees no
/// preflight. Origins are a site setting in Azure and <c>Host.CORS</c> in local.settings.json.
/// </summary>
internal static class Cors
{
    /// <summary>True when the request was a preflight and is answered.</summary>
    public static bool Answer(HttpContext context, AppSettings settings, RouteTable routes)
    {
        var origin = context.Request.Headers.Origin.ToString();
        if (origin.Length == 0 || settings.CorsOrigins.Count == 0) { return false; }
        var anyone = settings.CorsOrigins.Contains("*");
        var isAllowed = anyone || settings.CorsOrigins.Contains(origin, StringComparer.OrdinalIgnoreCase);
        var isPreflight = context.Request.Method == HttpMethods.Options && context.Request.Headers.ContainsKey(HeaderNames.AccessControlRequestMethod) && routes.Knows(context.Request.Path);
        if (isAllowed) { Allow(context, settings, anyone ? "*" : origin, isPreflight); }
        if (isPreflight) { context.Response.StatusCode = isAllowed ? StatusCodes.Status204NoContent : StatusCodes.Status400BadRequest; }
        return isPreflight;
    }

    private static void Allow(HttpContext context, AppSettings settings, string origin, bool isPreflight)
    {
        var headers = context.Response.Headers;
        context.Response.OnStarting(() =>
        {
            headers.AccessControlAllowOrigin = origin;
            if (origin != "*") { headers.Append(HeaderNames.Vary, HeaderNames.Origin); }
            if (settings.CorsCredentials && origin != "*") { headers.AccessControlAllowCredentials = "true"; }
            return Task.CompletedTask;
        });
        if (!isPreflight) { return; }
        headers.AccessControlAllowMethods = context.Request.Headers.AccessControlRequestMethod;
        headers.AccessControlAllowHeaders = context.Request.Headers.AccessControlRequestHeaders;
        headers.AccessControlMaxAge = "600";
    }
}
