using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace LocalAzure.Azurite;

/// <summary>An entity group transaction: multipart around a change set whose parts are HTTP requests ("Performing entity group transactions").</summary>
internal static class TableBatch
{
    /// <summary>The body of every request in the change set, in order; empty where one has none.</summary>
    public static async Task<IReadOnlyList<string>> Bodies(byte[] body, string? contentType, CancellationToken cancellation)
    {
        var bodies = new List<string>();
        await Read(new MemoryStream(body), contentType, bodies, cancellation);
        return bodies;
    }

    /// <summary>How the service refuses the whole transaction: 202, and inside it the refusal, with the operation's index in front of the message.</summary>
    public static (string ContentType, string Body) Refused(int index, string code, string message, string json)
    {
        var (batch, changes) = ($"batchresponse_{Guid.NewGuid()}", $"changesetresponse_{Guid.NewGuid()}");
        string[] lines =
        [
            $"--{batch}", $"Content-Type: multipart/mixed; boundary={changes}", "",
            $"--{changes}", "Content-Type: application/http", "Content-Transfer-Encoding: binary", "",
            "HTTP/1.1 400 Bad Request", $"x-ms-error-code: {code}", "DataServiceVersion: 3.0;", "Content-Type: application/json;odata=minimalmetadata", "",
            json.Replace(message, $"{index}:{message}", StringComparison.Ordinal),
            $"--{changes}--", $"--{batch}--", "",
        ];
        return ($"multipart/mixed; boundary={batch}", string.Join("\r\n", lines));
    }

    private static async Task Read(Stream stream, string? contentType, List<string> bodies, CancellationToken cancellation)
    {
        if (!MediaTypeHeaderValue.TryParse(contentType, out var type) || HeaderUtilities.RemoveQuotes(type.Boundary).Value is not { Length: > 0 } boundary) { return; }
        var reader = new MultipartReader(boundary, stream) { HeadersLengthLimit = 64 * 1024 };
        while (await reader.ReadNextSectionAsync(cancellation) is { } section)
        {
            if (section.ContentType?.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase) == true)
            {
                await Read(section.Body, section.ContentType, bodies, cancellation);
                continue;
            }
            using var text = new StreamReader(section.Body, Encoding.UTF8);
            var request = (await text.ReadToEndAsync(cancellation)).Split("\r\n\r\n", 2);
            bodies.Add(request.Length == 2 ? request[1].Trim() : "");
        }
    }
}
