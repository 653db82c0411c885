using System.Net;
using System.Text.Json;
using LocalAzure.Identity;
using LocalAzure.Listeners;
using Microsoft.AspNetCore.Http.Features;

namespace LocalAzure.Azurite;

/// <summary>
/// Table Storage's listener: checks the token, whose signature Azurite does not, and passes the request on to Azurite as it came. Account keys
/// are refused, as our deployment has them switched off (<c>allowSharedKeyAccess: false</c>).
/// </summary>
internal sealed class TablesProxy : IDisposable
{
    public const string Audience = "https://storage.azure.com";
    private static readonly UriCreationOptions AsWritten = new() { DangerousDisablePathAndQueryCanonicalization = true };

    private readonly Uri azurite;
    private readonly TokenAuthority tokens;
    private readonly HttpMessageInvoker http;

    public TablesProxy(Uri azurite, TokenAuthority tokens, SocketsHttpHandler trusting)
    {
        (this.azurite, this.tokens) = (azurite, tokens);
        // Azurite closes idle connections after five seconds; ours must be given up before.
        trusting.PooledConnectionIdleTimeout = TimeSpan.FromSeconds(3);
        trusting.AutomaticDecompression = DecompressionMethods.None;
        trusting.UseCookies = false;
        trusting.UseProxy = false;
        http = new HttpMessageInvoker(trusting);
    }

    public async Task Handle(HttpContext context)
    {
        if (Refusal(context.Request) is var (status, code, message))
        {
            await Refuse(context.Response, status, code, message);
            return;
        }
        using var request = Request(context);
        using var answer = await http.SendAsync(request, context.RequestAborted);
        var response = context.Response;
        response.StatusCode = (int)answer.StatusCode;
        Relay.CopyHeaders(answer, response);
        await answer.Content.CopyToAsync(response.Body, context.RequestAborted);
    }

    public void Dispose() => http.Dispose();

    private (int Status, string Code, string Message)? Refusal(HttpRequest request)
    {
        var authorization = request.Headers.Authorization.ToString();
        if (authorization.StartsWith("SharedKey", StringComparison.OrdinalIgnoreCase))
        {
            return (403, "KeyBasedAuthenticationNotPermitted", "Key based authentication is not permitted on this storage account.");
        }
        const string Scheme = "Bearer ";
        if (!authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return (401, "NoAuthenticationInformation", "Server failed to authenticate the request. Please refer to the information in the www-authenticate header.");
        }
        return tokens.Refusal(authorization[Scheme.Length..].Trim(), Audience) is { } wrong
            ? (401, "InvalidAuthenticationInfo", $"Server failed to authenticate the request: {wrong}.")
            : null;
    }

    /// <summary>As Table Storage refuses (learn.microsoft.com: "Authorize with Microsoft Entra ID", bearer challenge; "Table service error codes").</summary>
    private static Task Refuse(HttpResponse response, int status, string code, string message)
    {
        response.StatusCode = status;
        if (status == 401) { response.Headers.WWWAuthenticate = $"Bearer authorization_uri=https://login.microsoftonline.com/{TokenAuthority.TenantId}/oauth2/authorize resource_id={Audience}"; }
        response.Headers["x-ms-error-code"] = code;
        return response.WriteAsync(JsonSerializer.Serialize(TableError.Body(code, message)));
    }

    private HttpRequestMessage Request(HttpContext context)
    {
        var from = context.Request;
        // The path byte by byte: quotes and escapes in it are part of the address of an entity.
        var target = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
        var request = new HttpRequestMessage(new HttpMethod(from.Method), new Uri($"https://{azurite.Authority}{(target.StartsWith('/') ? target : "/")}", AsWritten));
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>()!.CanHaveBody) { request.Content = new StreamContent(from.Body); }
        Relay.CopyHeaders(from, request);
        return request;
    }
}
