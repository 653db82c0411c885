using System.Text.Json;

namespace Infra.Tests;

/// <summary>A binding of a function.json file, as the Functions host reads it.</summary>
internal sealed record Binding(string Type, string Direction, string Name)
{
    public string? AuthLevel { get; init; }

    public IReadOnlyList<string>? Methods { get; init; }

    public string? Route { get; init; }

    public string? Schedule { get; init; }

    public bool? RunOnStartup { get; init; }

    public bool? UseMonitor { get; init; }
}

/// <summary>A function: its folder's name and what its function.json binds.</summary>
internal sealed record Function(string Name, IReadOnlyList<Binding> Bindings)
{
    public Binding Trigger => Bindings.Single(binding => binding.Type.EndsWith("Trigger", StringComparison.Ordinal));

    public bool IsHttp => Trigger.Type == "httpTrigger";
}

/// <summary>A folder that the Functions host can run: host.json, an executable, and a folder with a function.json for each function.</summary>
internal sealed class AppFolder(string path)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow };

    public string Path => path;

    public JsonElement HostJson => JsonDocument.Parse(File.ReadAllText(System.IO.Path.Combine(path, "host.json"))).RootElement;

    /// <summary>The executable by the name that host.json gives it.</summary>
    public string Executable => System.IO.Path.Combine(path, HostJson.GetProperty("customHandler").GetProperty("description").GetProperty("defaultExecutablePath").GetString()!);

    public IReadOnlyList<Function> Functions =>
    [
        .. from folder in Directory.EnumerateDirectories(path)
           let file = System.IO.Path.Combine(folder, "function.json")
           where File.Exists(file)
           orderby folder
           select JsonSerializer.Deserialize<FunctionFile>(File.ReadAllText(file), Json)!.Named(System.IO.Path.GetFileName(folder)),
    ];

    private sealed record FunctionFile(IReadOnlyList<Binding> Bindings)
    {
        public Function Named(string name) => new(name, Bindings);
    }
}
