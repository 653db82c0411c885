using System.IO.Compression;
using System.Runtime.InteropServices;

namespace Bench;

/// <summary>A way of publishing the product.</summary>
/// <param name="Name">What it is called in the tables.</param>
/// <param name="Folder">Where it is kept, below the product's output.</param>
/// <param name="Arguments">What "dotnet publish" is told besides.</param>
internal sealed record Shape(string Name, string Folder, IReadOnlyList<string> Arguments)
{
    /// <summary>What a plain "dotnet publish" makes for this machine's platform; see src/Functions/Publish.props.</summary>
    public static Shape Default { get; } = new("with its runtime, one composite image, trimmed (the default)", "default", ["-r", RuntimeInformation.RuntimeIdentifier]);

    public static IReadOnlyList<Shape> All { get; } =
    [
        Default,
        new("framework-dependent, ReadyToRun", "framework-dependent-compiled", ["-p:SelfContained=false", "-p:PublishReadyToRun=true", "-r", RuntimeInformation.RuntimeIdentifier]),
        new("framework-dependent", "framework-dependent", ["-p:SelfContained=false"]),
    ];

    /// <summary>The package's size in MB: as it lies on the disk, and zipped as it is uploaded.</summary>
    public static (double Unpacked, double Zipped) SizeOf(string folder)
    {
        var archive = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.zip");
        ZipFile.CreateFromDirectory(folder, archive, CompressionLevel.Optimal, includeBaseDirectory: false);
        var zipped = new FileInfo(archive).Length;
        File.Delete(archive);
        return (new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length) / 1e6, zipped / 1e6);
    }
}
