using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Features;

namespace LocalAzure.Cosmos.Rest;

/// <summary>A request as the Cosmos DB REST API reads it: decoded path segments, <c>x-ms-</c> headers, the body in memory.</summary>
internal sealed class CosmosRequest
{
    // A little over the largest item, so that one that is too large is refused as an item and not as a request.
    private const int MaxBody = Storage.DocumentBody.MaxBytes + (64 * 1024);

    private readonly IHeaderDictionary headers;

    public CosmosRequest(IHeaderDictionary headers, string method, string endpoint, string[] segments, byte[] body)
    {
        this.headers = headers;
        Method = method;
        Endpoint = endpoint;
        Segments = segments;
        Body = body;
    }

    public string Method { get; }
    /// <summary>The account's URL as the client knows it.</summary>
    public string Endpoint { get; }
    public string[] Segments { get; }
    public byte[] Body { get; }

    public string? IfMatch => Header("If-Match");
    public string? IfNoneMatch => Header("If-None-Match");
    /// <summary>Whether a read answers 304: the client has this version, or <c>*</c>, any version (RFC 9110 section 13.1.2).</summary>
    public bool HasSeen(string etag) => IfNoneMatch is "*" || IfNoneMatch == etag;

    public bool IsUpsert => Flag("x-ms-documentdb-is-upsert");
    public bool IsQueryPlan => Flag("x-ms-cosmos-is-query-plan-request");
    public bool IsQuery => Flag("x-ms-documentdb-isquery") || Flag("x-ms-documentdb-query") || MediaType == "application/query+json";
    public bool IsChangeFeed => Header("A-IM") is not null;
    public bool WantsNoBody => (Header("Prefer") ?? "").Contains("return=minimal", StringComparison.OrdinalIgnoreCase);

    public static async Task<CosmosRequest> Read(HttpContext context)
    {
        // The raw target, not Request.Path: an id may hold an escaped character that path normalisation would change.
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var path = target.Split('?', 2)[0];
        var segments = path.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(Uri.UnescapeDataString).ToArray();
        var request = context.Request;
        return new CosmosRequest(request.Headers, request.Method, $"{request.Scheme}://{request.Host}", segments, await ReadBody(context));
    }

    public string? Header(string name) =>
        headers.TryGetValue(name, out var values) && values.Count > 0 && values[0] is { Length: > 0 } value ? value : null;

    public bool Flag(string name) => string.Equals(Header(name), "true", StringComparison.OrdinalIgnoreCase);

    /// <summary>A whole number in a header; -1, which the SDKs send for "you decide", counts as absent.</summary>
    public int? Number(string name)
    {
        if (Header(name) is not { } text) { return null; }
        if (!int.TryParse(text, out var number) || number < -1)
        {
            throw CosmosRefusal.BadRequest($"The header {name} has the invalid value '{text}'.");
        }
        return number == -1 ? null : number;
    }

    public JsonObject JsonObject() =>
        Json() as JsonObject ?? throw CosmosRefusal.BadRequest("The request payload is invalid. An object is expected.");

    public JsonNode? Json()
    {
        try { return JsonNode.Parse(Body); }
        catch (JsonException e) { throw CosmosRefusal.BadRequest($"The request payload is invalid. {e.Message}"); }
    }

    private string? MediaType => Header("Content-Type")?.Split(';')[0].Trim().ToLowerInvariant();

    private static async Task<byte[]> ReadBody(HttpContext context)
    {
        if (context.Request.ContentLength > MaxBody) { throw CosmosRefusal.TooLarge(); }
        if (context.Request.ContentLength is null or 0 && HttpMethods.IsGet(context.Request.Method)) { return []; }
        using var body = new MemoryStream((int)(context.Request.ContentLength ?? 0));
        var buffer = new byte[16 * 1024];
        while (await context.Request.Body.ReadAsync(buffer, context.RequestAborted) is var read and > 0)
        {
            body.Write(buffer, 0, read);
            if (body.Length > MaxBody) { throw CosmosRefusal.TooLarge(); }
        }
        return body.Length == body.Capacity ? body.GetBuffer() : body.ToArray();
    }
}
