using System.Globalization;
using System.Text.Json;

namespace LocalAzure.Status;

/// <summary>Looks into Cosmos DB as any client does, over its REST API.</summary>
internal sealed class CosmosBrowser(HttpClient cosmos, string token)
{
    private const string Database = "customers";
    private const int PageSize = 50;
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public async Task<IReadOnlyList<string>> Containers(CancellationToken cancellation) =>
        [.. (await Read($"/dbs/{Database}/colls", "DocumentCollections", cancellation)).Select(container => container.GetProperty("id").GetString()!)];

    /// <summary>The first documents of a container, as indented JSON.</summary>
    public async Task<IReadOnlyList<string>> Documents(string container, CancellationToken cancellation) =>
        [.. (await Read($"/dbs/{Database}/colls/{Uri.EscapeDataString(container)}/docs", "Documents", cancellation)).Select(document => JsonSerializer.Serialize(document, Indented))];

    private async Task<IReadOnlyList<JsonElement>> Read(string path, string list, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("authorization", Uri.EscapeDataString($"type=aad&ver=1.0&sig={token}"));
        request.Headers.Add("x-ms-version", "2020-07-15");
        request.Headers.Add("x-ms-date", TimeProvider.System.GetUtcNow().ToString("R", CultureInfo.InvariantCulture));
        request.Headers.Add("x-ms-max-item-count", PageSize.ToString(CultureInfo.InvariantCulture));
        using var answer = await cosmos.SendAsync(request, cancellation);
        if (!answer.IsSuccessStatusCode) { return []; }
        var body = JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsByteArrayAsync(cancellation));
        return body.TryGetProperty(list, out var items) ? [.. items.EnumerateArray()] : [];
    }
}
