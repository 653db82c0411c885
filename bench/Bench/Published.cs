using System.Diagnostics;
using System.Reflection;

namespace Bench;

/// <summary>The product and the bare server, published.</summary>
internal static class Published
{
    private static readonly string[] Sources = [PathOf("src", "Functions"), PathOf("src", "Shared"), PathOf("bench", "Bare"), PathOf("bench", "Template")];

    public static string Configuration { get; } = Metadata("Configuration");

    /// <summary>Publishes the product as it is deployed and returns its folder.</summary>
    public static Task<string> Product() => Product(Shape.Default);

    /// <summary>Publishes the product in this shape and returns its folder.</summary>
    public static Task<string> Product(Shape shape) => Publish("CustomerFunctions", PathOf("src", "Functions"), shape);

    /// <summary>Publishes the bare server, in the default shape, and returns its folder.</summary>
    public static Task<string> Bare() => Publish("Bare", PathOf("bench", "Bare"), Shape.Default);

    /// <summary>Publishes the server of a new project as "dotnet publish" does by itself, and returns its folder.</summary>
    public static Task<string> Template() => Publish("Template", PathOf("bench", "Template"), new Shape("framework-dependent", "framework-dependent", []));

    public static string PathOf(params string[] parts) => Path.Combine([Metadata("Repository"), .. parts]);

    public static string Executable(string folder, string name) => Path.Combine(folder, OperatingSystem.IsWindows() ? name + ".exe" : name);

    private static async Task<string> Publish(string name, string project, Shape shape)
    {
        var folder = Path.Combine(project, "bin", "Release", "published", shape.Folder);
        // Compiling the composite image takes minutes and is done anew every time; only after a change, then.
        if (File.GetLastWriteTimeUtc(Executable(folder, name)) > LastChange()) { return folder; }
        Console.WriteLine($"Publishing {name}, {shape.Name} ...");
        using var publish = Process.Start(new ProcessStartInfo("dotnet", ["publish", project, "-c", "Release", .. shape.Arguments, "-o", folder, "--artifacts-path", folder + ".build", "-v", "quiet", "-nodeReuse:false"]))!;
        await publish.WaitForExitAsync();
        if (publish.ExitCode == 0) { File.SetLastWriteTimeUtc(Executable(folder, name), TimeProvider.System.GetUtcNow().UtcDateTime); }
        return publish.ExitCode == 0 ? folder : throw new InvalidOperationException($"{name} could not be published.");
    }

    private static DateTime LastChange() =>
        (from folder in Sources
         from file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
         where !Path.GetRelativePath(folder, file).Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj")
         select File.GetLastWriteTimeUtc(file)).Max();

    private static string Metadata(string key) =>
        typeof(Published).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value!;
}
