using System.Globalization;
using System.Text.Json;

namespace LocalAzure.FunctionsHost;

/// <summary>A folder that is a Functions app: <c>host.json</c> and one folder with a <c>function.json</c> per function.</summary>
/// <param name="Folder">The app's root.</param>
/// <param name="RoutePrefix">In front of every route; <c>api</c> by default.</param>
/// <param name="Timeout">How long an invocation may take; null for no limit.</param>
/// <param name="Handler">What to start.</param>
/// <param name="Proxies">Whether requests are streamed through (<c>enableProxyingHttpRequest</c>) or rebuilt (<c>enableForwardingHttpRequest</c>).</param>
/// <param name="Functions">By name, in alphabetical order.</param>
internal sealed record FunctionApp(
    string Folder,
    string RoutePrefix,
    TimeSpan? Timeout,
    FunctionApp.CustomHandler Handler,
    bool Proxies,
    IReadOnlyList<FunctionDefinition> Functions)
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(30);

    internal sealed record CustomHandler(string Executable, IReadOnlyList<string> Arguments, string? WorkingDirectory);

    public static FunctionApp Read(string folder)
    {
        var path = Path.Combine(folder, "host.json");
        if (!File.Exists(path)) { throw new StartRefused($"{folder} is not a Functions app: it has no host.json."); }
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path), new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            var host = json.RootElement;
            if (Find(host, "customHandler") is not { } handler) { throw new StartRefused($"{path} declares no customHandler."); }
            if (Find(handler, "http", "routes") is not null)
            {
                // The real host refuses both together (azure-functions-host PR 11345), and timers need function.json files.
                throw new StartRefused($"{path}: customHandler.http.routes and function.json files exclude each other.");
            }
            return new FunctionApp(
                Path.GetFullPath(folder),
                Find(host, "extensions", "http", "routePrefix")?.GetString() ?? "api",
                ReadTimeout(Find(host, "functionTimeout")?.GetString()),
                ReadHandler(handler),
                Find(handler, "enableProxyingHttpRequest")?.GetBoolean() ?? false,
                ReadFunctions(folder));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new StartRefused($"{path} can't be read: {e.Message}", e);
        }
    }

    private static CustomHandler ReadHandler(JsonElement handler) => new(
        Find(handler, "description", "defaultExecutablePath")?.GetString() ?? throw new FormatException("customHandler.description.defaultExecutablePath is missing"),
        Find(handler, "description", "arguments")?.EnumerateArray().Select(argument => argument.GetString()!).ToArray() ?? [],
        Find(handler, "description", "workingDirectory")?.GetString());

    private static FunctionDefinition[] ReadFunctions(string folder) =>
    [
        .. Directory.EnumerateFiles(folder, "function.json", new EnumerationOptions { MaxRecursionDepth = 1, RecurseSubdirectories = true })
            .Select(file => (File: file, Name: Path.GetFileName(Path.GetDirectoryName(file))!))
            .OrderBy(function => function.Name, StringComparer.Ordinal)
            .Select(function => FunctionDefinition.Read(function.Name, function.File)),
    ];

    private static TimeSpan? ReadTimeout(string? text) => text switch
    {
        null => DefaultTimeout,
        "-1" => null,
        _ => TimeSpan.Parse(text, CultureInfo.InvariantCulture),
    };

    private static JsonElement? Find(JsonElement element, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element)) { return null; }
        }
        return element.ValueKind == JsonValueKind.Null ? null : element;
    }
}
