using System.Text.Json;
using System.Text.Json.Serialization;
using CustomerFunctions.Access;

namespace CustomerFunctions.Edge;

/// <summary>Marks a route as a timer function, with the app setting that holds its schedule.</summary>
internal sealed record TimerTrigger(string ScheduleSetting);

/// <summary>A binding of a function.json file.</summary>
public sealed record FunctionBinding(string Type, string Direction, string Name)
{
    public string? AuthLevel { get; init; }

    public IReadOnlyList<string>? Methods { get; init; }

    public string? Route { get; init; }

    public string? Schedule { get; init; }

    public bool? UseMonitor { get; init; }

    public bool? RunOnStartup { get; init; }
}

/// <summary>A function.json file.</summary>
public sealed record FunctionFile(IReadOnlyList<FunctionBinding> Bindings);

/// <summary>What the Functions host must know of this app, derived from its routes: one folder with a function.json for each named endpoint.</summary>
internal static class FunctionManifest
{
    private const string RoutePrefix = "api/";

    /// <summary>Makes a route a timer function: the host posts to <c>/&lt;name&gt;</c>, and nobody else may.</summary>
    public static void IsTimer(this RouteHandlerBuilder route, string name, string scheduleSetting) =>
        route.WithName(name).WithMetadata(new TimerTrigger(scheduleSetting)).IsHostOnly();

    /// <summary>The functions by name. Throws when an endpoint has no name, no stated requirement, or an HTTP one routes outside /api: the app must not start then.</summary>
    public static IReadOnlyDictionary<string, FunctionFile> Of(IEndpointRouteBuilder app)
    {
        var functions = new SortedDictionary<string, FunctionFile>(StringComparer.Ordinal);
        foreach (var endpoint in app.DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>())
        {
            var requirement = endpoint.Metadata.GetMetadata<Requirement>() ?? throw new InvalidOperationException($"{endpoint.DisplayName} does not say whom it lets in.");
            if (endpoint.RoutePattern.RawText == "/") { continue; }
            var name = endpoint.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName ?? throw new InvalidOperationException($"{endpoint.DisplayName} has no name.");
            functions.Add(name, endpoint.Metadata.GetMetadata<TimerTrigger>() is { } timer ? Timer(timer) : Http(endpoint, requirement));
        }
        return functions;
    }

    /// <summary>Writes the folders below <paramref name="folder"/> and removes those of functions that are no more.</summary>
    public static void Write(IEndpointRouteBuilder app, string folder)
    {
        var functions = Of(app);
        foreach (var stale in Directory.EnumerateFiles(folder, "function.json", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 1 })
            .Select(file => Path.GetDirectoryName(file)!).Where(path => !functions.ContainsKey(Path.GetFileName(path))).ToList())
        {
            Directory.Delete(stale, recursive: true);
        }
        foreach (var (name, function) in functions)
        {
            var path = Path.Combine(Directory.CreateDirectory(Path.Combine(folder, name)).FullName, "function.json");
            var json = JsonSerializer.Serialize(function, HostJson.Default.FunctionFile) + "\n";
            // A file that says the same already keeps its date, so that an incremental build stays one.
            if (!File.Exists(path) || File.ReadAllText(path) != json) { File.WriteAllText(path, json); }
        }
    }

    private static FunctionFile Timer(TimerTrigger timer) => new(
        [new FunctionBinding("timerTrigger", "in", "timer") { Schedule = $"%{timer.ScheduleSetting}%", UseMonitor = true, RunOnStartup = false }]);

    private static FunctionFile Http(RouteEndpoint endpoint, Requirement requirement)
    {
        var route = endpoint.RoutePattern.RawText!.Trim('/');
        if (!route.StartsWith(RoutePrefix, StringComparison.Ordinal) || requirement.HostOnly) { throw new InvalidOperationException($"The HTTP function {endpoint.DisplayName} must route below /api."); }
        var methods = endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? [];
        return new(
        [
            new FunctionBinding("httpTrigger", "in", "req") { AuthLevel = "anonymous", Methods = [.. methods.Select(method => method.ToLowerInvariant())], Route = route[RoutePrefix.Length..] },
            new FunctionBinding("http", "out", "res"),
        ]);
    }
}

/// <summary>What the Functions host reads: files at deployment, answers to timer calls.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(FunctionFile))]
[JsonSerializable(typeof(InvocationAnswer))]
internal sealed partial class HostJson : JsonSerializerContext;
