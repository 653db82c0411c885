using System.Text.Json;
using System.Text.Json.Nodes;
using CustomerFunctions.Access;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;

namespace CustomerFunctions.Edge;

/// <summary>A route whose body may be larger than <see cref="RequestBody.MaxBytes"/>.</summary>
internal sealed record BodyLimit(long Bytes);

/// <summary>Rules for request bodies that hold before any handler reads one.</summary>
internal sealed class RequestBody(RequestDelegate next)
{
    /// <summary>The largest body a route takes that says nothing else.</summary>
    public const long MaxBytes = 256 * 1024;

    public const string MergePatch = "application/merge-patch+json";

    /// <summary>
    /// Refuses a body without a length with 411: the Functions host (classic forwarding) passes on no body that has none, so it would arrive as an empty one.
    /// The host's own timer calls are exempt: it sends their envelopes in chunks.
    /// </summary>
    public Task Invoke(HttpContext context)
    {
        var request = context.Request;
        var endpoint = context.GetEndpoint();
        if (endpoint?.Metadata.GetMetadata<Requirement>() is { HostOnly: true }) { return next(context); }
        var expected = endpoint?.Metadata.GetMetadata<IAcceptsMetadata>() is { IsOptional: false };
        if (request.Headers.TransferEncoding.Count > 0 || (expected && request.ContentLength is null)) { return Failures.LengthRequired().ExecuteAsync(context); }
        var limit = endpoint?.Metadata.GetMetadata<BodyLimit>()?.Bytes ?? MaxBytes;
        if (limit != MaxBytes) { context.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = limit; }
        if (request.ContentLength > limit)
        {
            // The server reads on and drops what comes, so that whoever is still sending gets the answer and not a broken connection.
            context.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = null;
            return Failures.TooLarge(limit).ExecuteAsync(context);
        }
        if (expected && request.ContentLength == 0) { return Failures.Malformed("The body is empty; a JSON object is expected.").ExecuteAsync(context); }
        // To whoever sends a patch where the whole is replaced, what it leaves out would be lost.
        if (expected && IsMergePatch(request) != HttpMethods.IsPatch(request.Method)) { return Failures.UnsupportedMediaType(AcceptedBy(request.Method)).ExecuteAsync(context); }
        return next(context);
    }

    /// <summary>The content type that routes of this method take.</summary>
    public static string AcceptedBy(string method) => HttpMethods.IsPatch(method) ? MergePatch : "application/json";

    /// <summary>Reads an RFC 7396 merge patch: a JSON object, sent as application/merge-patch+json.</summary>
    public static async Task<(JsonObject? Patch, Problem? Refusal)> ReadMergePatch(HttpRequest request, CancellationToken cancellation)
    {
        try
        {
            return await JsonSerializer.DeserializeAsync(request.Body, ApiJson.Default.JsonObject, cancellation) is { } patch
                ? (patch, null)
                : (null, Failures.Invalid("", "wrong-type", "A merge patch is a JSON object."));
        }
        catch (JsonException e)
        {
            return (null, JsonProblems.Explain(e));
        }
    }

    private static bool IsMergePatch(HttpRequest request) => MergePatch.Equals(request.ContentType?.Split(';')[0].Trim(), StringComparison.OrdinalIgnoreCase);

    /// <summary>Applies an RFC 7396 merge patch: null removes, an object merges, anything else replaces.</summary>
    public static void Merge(JsonObject target, JsonObject patch)
    {
        foreach (var (name, value) in patch)
        {
            if (value is null) { target.Remove(name); }
            else if (value is JsonObject inner)
            {
                if (target[name] is not JsonObject existing) { target[name] = existing = []; }
                Merge(existing, inner);
            }
            else { target[name] = value.DeepClone(); }
        }
    }
}
