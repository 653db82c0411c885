using CustomerFunctions.Access;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Net.Http.Headers;
using Microsoft.OpenApi;

namespace CustomerFunctions.Edge;

/// <summary>The OpenAPI document as it is served: written once for each instance, since anybody may ask for it and writing it takes long.</summary>
internal sealed class OpenApiFile([FromKeyedServices(OpenApiFile.Name)] IOpenApiDocumentProvider provider) : IDisposable
{
    public const string Name = "v1";

    private readonly SemaphoreSlim writing = new(1);
    private byte[]? text;

    /// <summary>Serves it; <c>If-None-Match</c> answers 304.</summary>
    public static async Task<FileContentHttpResult> Handle(OpenApiFile file, CancellationToken cancellation)
    {
        var text = await file.Read(cancellation);
        var tag = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(text))[..32];
        return TypedResults.File(text, "application/json; charset=utf-8", entityTag: new EntityTagHeaderValue($"\"{tag}\""));
    }

    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGet($"/api/openapi/{Name}.json", Handle).WithName("GetOpenApiDocument").IsOpen().ExcludeFromDescription();

    public void Dispose() => writing.Dispose();

    private async Task<byte[]> Read(CancellationToken cancellation)
    {
        if (text is { } known) { return known; }
        await writing.WaitAsync(cancellation);
        try
        {
            if (text is not null) { return text; }
            var document = await provider.GetOpenApiDocumentAsync(cancellation);
            using var buffer = new MemoryStream();
            await document.SerializeAsJsonAsync(buffer, OpenApiSpecVersion.OpenApi3_1, cancellation);
            return text = buffer.ToArray();
        }
        finally
        {
            writing.Release();
        }
    }
}
