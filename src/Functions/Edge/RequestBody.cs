using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using CustomerFunctions.Access;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Net.Http.Headers;

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
        if (request.ContentLength > 0 && endpoint?.Metadata.GetMetadata<IAcceptsMetadata>() is not null && RefuseWriting(request) is { } refusal) { return refusal.ExecuteAsync(context); }
        return next(context);
    }

    /// <summary>
    /// Refuses a charset other than UTF-8 (RFC 8259 section 8.1) and any content coding (RFC 9110 section 12.5.3).
    /// </summary>
    private static Problem? RefuseWriting(HttpRequest request)
    {
        if (request.Headers.ContentEncoding.Any(codings => codings?.Trim().Equals("identity", StringComparison.OrdinalIgnoreCase) == false)) { return Failures.UnsupportedCoding(); }
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type)) { return null; }
        var charsets = type.Parameters.Where(parameter => parameter.Name.Equals("charset", StringComparison.OrdinalIgnoreCase));
        if (!charsets.All(charset => HeaderUtilities.RemoveQuotes(charset.Value).Equals("utf-8", StringComparison.OrdinalIgnoreCase))) { return Failures.UnsupportedCharset(); }
        // The framework's reader knows no quoted charset. Without one it reads UTF-8.
        request.ContentType = type.MediaType.Value;
        return null;
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

    /// <summary>
    /// The fields with a merge patch applied; or the refusal, when a member of the patch is not one of theirs or a
    /// value does not fit. A member that is null is checked like any other: merging alone would drop it unseen.
    /// </summary>
    public static (T? Patched, Problem? Refusal) Patch<T>(T before, JsonObject patch, JsonTypeInfo<T> fields)
        where T : class
    {
        var checks = new Checks();
        CheckMembers(checks, patch, fields, pointer: "");
        if (checks.Refusal is { } unknown) { return (null, unknown); }
        var merged = JsonSerializer.SerializeToNode(before, fields)!.AsObject();
        Merge(merged, patch);
        try { return (merged.Deserialize(fields)!, null); }
        catch (JsonException e) { return (null, JsonProblems.Explain(e)); }
    }

    private static void CheckMembers(Checks checks, JsonObject patch, JsonTypeInfo type, string pointer)
    {
        // A dictionary, or JSON of the caller's own, takes any name.
        if (type.Kind != JsonTypeInfoKind.Object) { return; }
        foreach (var (name, value) in patch)
        {
            var (at, member) = ($"{pointer}/{JsonProblems.Escape(name)}", type.Properties.FirstOrDefault(property => property.Name == name));
            if (member is null || (member.Set is null && member.AssociatedParameter is null)) { checks.Add(at, "unknown-field", "There is no such field."); }
            else if (value is JsonObject inner) { CheckMembers(checks, inner, type.Options.GetTypeInfo(member.PropertyType), at); }
        }
    }

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
