using System.Net;
using LocalAzure.Listeners;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace LocalAzure.FunctionsHost;

/// <summary>
/// Passes HTTP requests to an instance and its answers back, in the host's two ways: rebuilt (<c>enableForwardingHttpRequest</c>: no body
/// without a Content-Length, the answer read whole) or proxied (<c>enableProxyingHttpRequest</c>: both streamed).
/// </summary>
internal sealed class HttpForwarder(HttpMessageInvoker http, bool proxies, ILogger log)
{
    public const string HostVersion = "4.1037.0.0";

    private static readonly UriCreationOptions AsWritten = new() { DangerousDisablePathAndQueryCanonicalization = true };

    /// <summary>What the platform's front end allows a request to take.</summary>
    private static readonly TimeSpan FrontEndLimit = TimeSpan.FromSeconds(230);

    public enum Outcome
    {
        Answered,

        /// <summary>The instance broke off; the caller has been told so.</summary>
        Broken,

        /// <summary>Nobody listens on the instance's port: nothing was sent, so another may be tried.</summary>
        NobodyThere,
    }

    public async Task<Outcome> Forward(HttpContext context, int port, string function)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        limit.CancelAfter(FrontEndLimit);
        try
        {
            using var request = Request(context, port);
            using var answer = await http.SendAsync(request, limit.Token);
            await Answer(context, answer, limit.Token);
            return Outcome.Answered;
        }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.ConnectionError)
        {
            return Outcome.NobodyThere;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            Fail(context, function, e);
            return e is OperationCanceledException ? Outcome.Answered : Outcome.Broken;
        }
    }

    private void Fail(HttpContext context, string function, Exception e)
    {
        if (context.RequestAborted.IsCancellationRequested) { return; }
        Log.ForwardingFailed(log, function, e.InnerException?.Message ?? e.Message);
        if (context.Response.HasStarted)
        {
            context.Abort();
            return;
        }
        context.Response.Clear();
        // The proxying host answers for an instance that it lost as proxies do; the rebuilding one fails the invocation.
        context.Response.StatusCode = proxies || e is OperationCanceledException ? StatusCodes.Status502BadGateway : StatusCodes.Status500InternalServerError;
    }

    private HttpRequestMessage Request(HttpContext context, int port)
    {
        var from = context.Request;
        var address = new Uri($"http://127.0.0.1:{port}{Target(context)}", AsWritten);
        var request = new HttpRequestMessage(new HttpMethod(from.Method), address) { Content = Body(context) };
        Relay.CopyHeaders(from, request);
        AddHostHeaders(context, request);
        return request;
    }

    /// <summary>
    /// The path byte by byte: decoding and encoding it again would turn the <c>%2561</c> of an id into <c>%61</c>, and so into another id.
    /// </summary>
    private static string Target(HttpContext context) => context.Features.Get<IHttpRequestFeature>()!.RawTarget is ['/', ..] target
        ? target
        : $"{context.Request.Path.ToUriComponent()}{context.Request.QueryString}";

    private static void AddHostHeaders(HttpContext context, HttpRequestMessage request)
    {
        var headers = request.Headers;
        headers.Remove("X-Azure-Functions-InvocationId");
        headers.Remove("X-Azure-Functions-HostVersion");
        headers.Add("X-Azure-Functions-InvocationId", Guid.NewGuid().ToString());
        headers.Add("X-Azure-Functions-HostVersion", HostVersion);
        headers.TryAddWithoutValidation(HeaderNames.UserAgent, $"Azure-Functions-Host/{HostVersion}");

        var chain = headers.TryGetValues("X-Forwarded-For", out var before) ? string.Join(", ", before) + ", " : "";
        headers.Remove("X-Forwarded-For");
        headers.TryAddWithoutValidation("X-Forwarded-For", chain + context.Connection.RemoteIpAddress);
        headers.Remove("X-Forwarded-Proto");
        headers.TryAddWithoutValidation("X-Forwarded-Proto", context.Request.Scheme);
    }

    /// <summary>
    /// An empty body where there is none: the HTTP client sends a request without one again by itself when the instance dies in the middle of it, and an instance that dies of a request
    /// would take the next ones with it.
    /// </summary>
    private HttpContent Body(HttpContext context)
    {
        var length = context.Request.ContentLength;
        var sends = proxies ? context.Features.Get<IHttpRequestBodyDetectionFeature>()!.CanHaveBody : length > 0;
        return sends ? new StreamContent(context.Request.Body) : new ByteArrayContent([]);
    }

    private async Task Answer(HttpContext context, HttpResponseMessage answer, CancellationToken cancellation)
    {
        var response = context.Response;
        var whole = proxies ? null : await answer.Content.ReadAsByteArrayAsync(cancellation);
        response.StatusCode = (int)answer.StatusCode;
        Relay.CopyHeaders(answer, response);
        if (context.Request.Method == HttpMethods.Head || answer.StatusCode is HttpStatusCode.NoContent or HttpStatusCode.NotModified) { return; }
        if (whole is not null)
        {
            response.ContentLength = whole.Length;
            await response.Body.WriteAsync(whole, cancellation);
            return;
        }
        // Without buffering, or a stream of events would wait for its end.
        context.Features.Get<IHttpResponseBodyFeature>()!.DisableBuffering();
        await using var body = await answer.Content.ReadAsStreamAsync(cancellation);
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await body.ReadAsync(buffer, cancellation)) > 0)
        {
            await response.Body.WriteAsync(buffer.AsMemory(0, read), cancellation);
            await response.Body.FlushAsync(cancellation);
        }
    }
}
