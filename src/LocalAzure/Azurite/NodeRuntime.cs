namespace LocalAzure.Azurite;

/// <summary>Node.js and its npm, as they are on PATH.</summary>
/// <param name="Node">Full path of <c>node</c>.</param>
/// <param name="Npm">Full path of <c>npm</c>.</param>
internal sealed record NodeRuntime(string Node, string Npm)
{
    public static NodeRuntime Find() => new(
        OnPath(OperatingSystem.IsWindows() ? "node.exe" : "node") ?? throw Missing("node"),
        OnPath(OperatingSystem.IsWindows() ? "npm.cmd" : "npm") ?? throw Missing("npm"));

    private static string? OnPath(string file) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(folder => Path.Combine(folder, file))
            .FirstOrDefault(File.Exists);

    private static StartRefused Missing(string program) => new($"Node.js is missing ('{program}' is not on PATH): Azurite, the local Table Storage, needs version 20 or later from https://nodejs.org.");
}
