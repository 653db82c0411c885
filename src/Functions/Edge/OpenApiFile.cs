using System.Security.Cryptography;
using CustomerFunctions.Access;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace CustomerFunctions.Edge;

/// <summary>
/// The OpenAPI document as bytes, built once for each instance. Building takes long on a new, busy instance, so no request's deadline ends it: a caller
/// that runs out of time gets 503, and the next one the document.
/// </summary>
internal sealed class OpenApiFile([FromKeyedServices(OpenApiFile.Name)] IOpenApiDocumentProvider provider)
{
    public const string Name = "v1";

    private readonly Lazy<Task<(byte[] Text, string ETag)>> document = new(() => Task.Run(() => Build(provider)));

    public static async Task<FileContentHttpResult> Handle(OpenApiFile file, HttpResponse response, CancellationToken cancellation)
    {
        var (text, etag) = await file.document.Value.WaitAsync(cancellation);
        response.Headers.ETag = etag;
        return TypedResults.Bytes(text, "application/json; charset=utf-8");
    }

    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGet($"/api/openapi/{Name}.json", Handle).WithName("GetOpenApiDocument").HasETag().IsOpen().ExcludeFromDescription();

    private static async Task<(byte[] Text, string ETag)> Build(IOpenApiDocumentProvider provider)
    {
        var document = await provider.GetOpenApiDocumentAsync();
        using var buffer = new MemoryStream();
        await document.SerializeAsJsonAsync(buffer, OpenApiSpecVersion.OpenApi3_1);
        var text = buffer.ToArray();
        return (text, $"\"{Convert.ToHexStringLower(SHA256.HashData(text))[..32]}\"");
    }
}
