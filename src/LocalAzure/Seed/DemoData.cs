using System.Net.Http.Headers;
using System.Text.Json;
using LocalAzure.ResourceManager;

namespace LocalAzure.Seed;

/// <summary>
/// What a new state begins with, so that there is something to look at: a few customers, and for one of them a service account of each kind
/// whose key has changed once. Made over HTTP as any caller would; an app that lacks a route goes without that part.
/// </summary>
internal sealed partial class DemoData(HttpClient app, HttpClient resourceManager, ILogger log)
{
    private const string Group = $"/subscriptions/{ResourceManagerEmulator.SubscriptionId}/resourceGroups/demo";
    private const string Storage = $"{Group}/providers/Microsoft.Storage/storageAccounts/demostorage";

    private static readonly (string Name, string Email)[] Customers =
    [
        ("Aurora Instruments", "ops@aurora.example"),
        ("Blue Heron Logistics", "it@blueheron.example"),
        ("Copper Kettle", "hello@copperkettle.example"),
        ("Drift Studio", "team@drift.example"),
        ("Elm Street Clinic", "admin@elmstreet.example"),
    ];

    /// <summary>Makes the data once per state: <paramref name="done"/> is the file that says it is there.</summary>
    public async Task Ensure(string done, string adminKey, CancellationToken cancellation)
    {
        if (File.Exists(done)) { return; }
        app.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", adminKey);
        await Send(resourceManager, HttpMethod.Put, $"{Group}?api-version=2024-03-01", new { location = "westeurope" }, cancellation);
        await Send(resourceManager, HttpMethod.Put, $"{Storage}?api-version=2024-01-01", new { location = "westeurope", kind = "StorageV2", sku = new { name = "Standard_LRS" } }, cancellation);

        string? first = null;
        foreach (var (name, email) in Customers)
        {
            var made = await Create("/api/customers", new { name, email }, cancellation);
            first ??= made;
        }
        if (first is not null)
        {
            await ServiceAccount(first, new { name = "reporting", kind = "apiCredential" }, cancellation);
            await ServiceAccount(first, new { name = "archive", kind = "storageAccountKeys", resourceId = Storage }, cancellation);
        }
        await File.WriteAllTextAsync(done, "Demo data was made.\n", cancellation);
    }

    private async Task ServiceAccount(string customer, object request, CancellationToken cancellation)
    {
        var accounts = $"/api/customers/{customer}/service-accounts";
        if (await Create(accounts, request, cancellation) is { } account) { await Send(app, HttpMethod.Post, $"{accounts}/{account}/rotate", null, cancellation); }
    }

    private async Task<string?> Create(string path, object request, CancellationToken cancellation) =>
        await Send(app, HttpMethod.Post, path, request, cancellation) is { ValueKind: JsonValueKind.Object } made && made.TryGetProperty("id", out var id) ? id.GetString() : null;

    /// <summary>The answer's body; null when the call was refused, which is logged and no reason to stop.</summary>
    private async Task<JsonElement?> Send(HttpClient client, HttpMethod method, string path, object? body, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Add("Idempotency-Key", $"\"{Guid.NewGuid()}\"");
        if (body is not null)
        {
            request.Content = JsonContent.Create(body);
            // The app takes no body without a length.
            await request.Content.LoadIntoBufferAsync(cancellation);
        }
        using var answer = await client.SendAsync(request, cancellation);
        if (!answer.IsSuccessStatusCode)
        {
            Refused(log, method.Method, path, (int)answer.StatusCode);
            return null;
        }
        var bytes = await answer.Content.ReadAsByteArrayAsync(cancellation);
        return bytes.Length == 0 ? null : JsonSerializer.Deserialize<JsonElement>(bytes);
    }

    [LoggerMessage(3101, LogLevel.Warning, "Demo data: {Method} {Path} was answered with {Status}")]
    private static partial void Refused(ILogger log, string method, string path, int status);
}
