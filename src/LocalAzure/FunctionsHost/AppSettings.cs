using System.Text.Json;

namespace LocalAzure.FunctionsHost;

/// <summary>The app settings, from <c>local.settings.json</c> as Core Tools read it, overlaid by where the services really are.</summary>
/// <param name="Values">Every setting.</param>
/// <param name="CorsOrigins"><c>Host.CORS</c>: the origins whose browsers may call.</param>
/// <param name="CorsCredentials"><c>Host.CORSCredentials</c>.</param>
internal sealed record AppSettings(IReadOnlyDictionary<string, string> Values, IReadOnlyList<string> CorsOrigins, bool CorsCredentials)
{
    private static readonly string[] Files = ["local.settings.json", "local.settings.sample.json"];

    public static AppSettings Read(string? root)
    {
        var path = root is null ? null : Files.Select(file => Path.Combine(root, file)).FirstOrDefault(File.Exists);
        if (path is null) { return new AppSettings(new Dictionary<string, string>(), [], false); }
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path), new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            if (json.RootElement.TryGetProperty("IsEncrypted", out var encrypted) && encrypted.GetBoolean()) { throw new StartRefused($"{path} is encrypted; LocalAzure reads plain settings."); }
            var values = json.RootElement.GetProperty(nameof(Values)).EnumerateObject().ToDictionary(value => value.Name, value => value.Value.GetString()!, StringComparer.OrdinalIgnoreCase);
            var host = json.RootElement.TryGetProperty("Host", out var found) ? found : default;
            return new AppSettings(values, Origins(host), host.ValueKind == JsonValueKind.Object && host.TryGetProperty("CORSCredentials", out var credentials) && credentials.GetBoolean());
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new StartRefused($"{path} can't be read: {e.Message}", e);
        }
    }

    public AppSettings With(IEnumerable<KeyValuePair<string, string>> further)
    {
        var values = new Dictionary<string, string>(Values, StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in further) { values[name] = value; }
        return this with { Values = values };
    }

    private static string[] Origins(JsonElement host) =>
        host.ValueKind == JsonValueKind.Object && host.TryGetProperty("CORS", out var origins)
            ? origins.GetString()!.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            : [];
}
