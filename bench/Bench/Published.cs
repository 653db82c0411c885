using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;

namespace Bench;

/// <summary>The product and the bare server, published in the same way: with their runtime, as one composite image, trimmed.</summary>
internal static class Published
{
    private static readonly string[] Sources = [PathOf("src", "Functions"), PathOf("src", "Shared"), PathOf("bench", "Bare")];

    public static string Configuration { get; } = Metadata("Configuration");

    /// <summary>Publishes the product and returns its folder.</summary>
    public static Task<string> Product() => Publish("CustomerFunctions", "src", "Functions");

    /// <summary>Publishes the bare server and returns its folder.</summary>
    public static Task<string> Bare() => Publish("Bare", "bench", "Bare");

    public static string PathOf(params string[] parts) => Path.Combine([Metadata("Repository"), .. parts]);

    public static string Executable(string folder, string name) => Path.Combine(folder, OperatingSystem.IsWindows() ? name + ".exe" : name);

    private static async Task<string> Publish(string name, params string[] project)
    {
        var folder = PathOf([.. project, "bin", "Release", "net10.0", RuntimeInformation.RuntimeIdentifier, "publish"]);
        // Compiling the composite image takes minutes and is done anew every time; only after a change, then.
        if (File.GetLastWriteTimeUtc(Executable(folder, name)) > LastChange()) { return folder; }
        Console.WriteLine($"Publishing {string.Join('/', project)} ...");
        using var publish = Process.Start(new ProcessStartInfo("dotnet", ["publish", PathOf(project), "-c", "Release", "-r", RuntimeInformation.RuntimeIdentifier, "-v", "quiet", "-nodeReuse:false"]))!;
        await publish.WaitForExitAsync();
        if (publish.ExitCode == 0) { File.SetLastWriteTimeUtc(Executable(folder, name), TimeProvider.System.GetUtcNow().UtcDateTime); }
        return publish.ExitCode == 0 ? folder : throw new InvalidOperationException($"{project[^1]} could not be published.");
    }

    private static DateTime LastChange() =>
        (from folder in Sources
         from file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
         where !Path.GetRelativePath(folder, file).Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj")
         select File.GetLastWriteTimeUtc(file)).Max();

    private static string Metadata(string key) =>
        typeof(Published).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value!;
}
