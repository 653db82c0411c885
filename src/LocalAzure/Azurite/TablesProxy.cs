using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using LocalAzure.Faults;
using LocalAzure.Identity;
using LocalAzure.Listeners;
using Microsoft.AspNetCore.Http.Features;

namespace LocalAzure.Azurite;

/// <summary>
/// Table Storage's listener: checks the token, whose signature Azurite does not, and entities, and passes the request on to Azurite as it came.
/// Account keys are refused, as our deployment has them switched off (<c>allowSharedKeyAccess: false</c>).
/// </summary>
internal sealed class TablesProxy : IDisposable
{
    public const string Audience = "https://storage.azure.com";
    private static readonly UriCreationOptions AsWritten = new() { DangerousDisablePathAndQueryCanonicalization = true };

    /// <summary>So that the message stands in the body as it is.</summary>
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Uri azurite;
    private readonly TokenAuthority tokens;
    private readonly HttpMessageInvoker http;

    public TablesProxy(Uri azurite, TokenAuthority tokens, SocketsHttpHandler trusting)
    {
        (this.azurite, this.tokens) = (azurite, tokens);
        // Azurite closes idle connections after five seconds; ours must be given up before.
        trusting.PooledConnectionIdleTimeout = TimeSpan.FromSeconds(3);
        http = new HttpMessageInvoker(Relay.Unchanged(trusting));
    }

    public async Task Handle(HttpContext context)
    {
        if (Refusal(context.Request) is var (status, code, message))
        {
            await Refuse(context.Response, status, code, message);
            return;
        }
        if (Unsupported(context.Request.Query["comp"]) is { } feature)
        {
            var refusal = $"LocalAzure does not implement {feature}.";
            context.NoteUnimplemented(refusal);
            await Refuse(context.Response, StatusCodes.Status501NotImplemented, "NotImplemented", refusal);
            return;
        }
        var body = IsWrite(context) ? await ReadBody(context) : null;
        if (body is not null && await IsRefused(context, body)) { return; }
        using var request = Request(context, body);
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

    /// <summary>What Azurite answers otherwise than Azure does, or not at all.</summary>
    private static string? Unsupported(string? component) => component switch
    {
        "properties" => "the properties of the table service",
        "stats" => "the statistics of the table service",
        "acl" => "stored access policies of tables",
        _ => null,
    };

    /// <summary>As Table Storage refuses (learn.microsoft.com: "Authorize with Microsoft Entra ID", bearer challenge; "Table service error codes").</summary>
    private static Task Refuse(HttpResponse response, int status, string code, string message)
    {
        response.StatusCode = status;
        if (status == 401) { response.Headers.WWWAuthenticate = $"Bearer authorization_uri=https://login.microsoftonline.com/{TokenAuthority.TenantId}/oauth2/authorize resource_id={Audience}"; }
        response.Headers["x-ms-error-code"] = code;
        return response.WriteAsync(JsonSerializer.Serialize(TableError.Body(code, message)));
    }

    private static bool IsWrite(HttpContext context) =>
        context.Request.Method is "POST" or "PUT" or "PATCH" or "MERGE" && context.Features.Get<IHttpRequestBodyDetectionFeature>()!.CanHaveBody;

    private static async Task<byte[]> ReadBody(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        return body.ToArray();
    }

    private static async Task<bool> IsRefused(HttpContext context, byte[] body)
    {
        var (request, response) = (context.Request, context.Response);
        if (request.Path.Value!.EndsWith("/$batch", StringComparison.Ordinal))
        {
            var bodies = await TableBatch.Bodies(body, request.ContentType, context.RequestAborted);
            for (var i = 0; i < bodies.Count; i++)
            {
                if (EntityRefusal(Encoding.UTF8.GetBytes(bodies[i])) is not var (code, message)) { continue; }
                response.StatusCode = StatusCodes.Status202Accepted;
                (response.ContentType, var refused) = TableBatch.Refused(i, code, message, JsonSerializer.Serialize(TableError.Body(code, message), Readable));
                await response.WriteAsync(refused, context.RequestAborted);
                return true;
            }
            return false;
        }
        if (EntityRefusal(body) is not var (own, why)) { return false; }
        await Refuse(response, StatusCodes.Status400BadRequest, own, why);
        return true;
    }

    /// <summary>What is no JSON is Azurite's to refuse.</summary>
    private static (string Code, string Message)? EntityRefusal(byte[] body)
    {
        if (body.Length == 0) { return null; }
        try
        {
            using var entity = JsonDocument.Parse(body);
            return TableEntityRules.Refusal(entity.RootElement);
        }
        catch (JsonException) { return null; }
    }

    private HttpRequestMessage Request(HttpContext context, byte[]? body)
    {
        var from = context.Request;
        // The path byte by byte: quotes and escapes in it are part of the address of an entity.
        var target = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
        var request = new HttpRequestMessage(new HttpMethod(from.Method), new Uri($"https://{azurite.Authority}{(target.StartsWith('/') ? target : "/")}", AsWritten));
        if (body is not null) { request.Content = new ByteArrayContent(body); }
        else if (context.Features.Get<IHttpRequestBodyDetectionFeature>()!.CanHaveBody) { request.Content = new StreamContent(from.Body); }
        Relay.CopyHeaders(from, request);
        return request;
    }
}
