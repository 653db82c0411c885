namespace CustomerFunctions.Edge;

/// <summary>Answers 304 instead of a 200 whose ETag the caller has (RFC 9110 section 13.1.2), on every GET that sets one.</summary>
internal static class NotModified
{
    public static async ValueTask<object?> Filter(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var answer = await next(context);
        var (request, etag) = (context.HttpContext.Request, context.HttpContext.Response.Headers.ETag);
        return HttpMethods.IsGet(request.Method) && Preconditions.IsKnown(request, etag) ? TypedResults.StatusCode(StatusCodes.Status304NotModified) : answer;
    }

    /// <summary>The route's answer has an ETag.</summary>
    public static RouteHandlerBuilder HasETag(this RouteHandlerBuilder route) => route.Produces(StatusCodes.Status304NotModified);
}
