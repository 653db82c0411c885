using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace CustomerFunctions.Tests.Packaging;

/// <summary>
/// The app as "dotnet publish" makes it. Compiling the image of the deployed shape takes two to three minutes of a processor, so that one is made once for a test run, gives way to the other tests, and is
/// kept until something that it is made from changes; its output is its own, and no other test's build is disturbed.
/// </summary>
internal static class PublishedFolders
{
    private static readonly string Root = LocalCloud.Metadata("RepositoryRoot");
    private static readonly string Kept = Directory.CreateDirectory(Path.Combine(Root, "tests", "Functions.Tests", "obj", "published")).FullName;
    private static readonly Lazy<Task<string>> Deployed = new(MakeDefault);

    /// <summary>What <c>dotnet publish src/Functions -c Release</c> makes: with its runtime, as one composite image, trimmed. Where the whole run is of such a folder, it is that one.</summary>
    public static Task<string> Default() => LocalCloud.NamedApp is { } named ? Task.FromResult(named) : Deployed.Value;

    /// <summary>With <c>-p:SelfContained=false</c>, of what is built anyway.</summary>
    public static Task<string> FrameworkDependent() =>
        Publish(Directory.CreateTempSubdirectory("customer-functions-published-").FullName, "--no-build", "-c", LocalCloud.Metadata("Configuration"), "-p:SelfContained=false");

    private static async Task<string> MakeDefault()
    {
        var (folder, stamp) = (Path.Combine(Kept, "default"), Path.Combine(Kept, "made-from"));
        using var alone = await HoldLock(Path.Combine(Kept, "lock"));
        var sources = Sources();
        if (File.Exists(stamp) && await File.ReadAllTextAsync(stamp) == sources) { return folder; }
        File.Delete(stamp);
        if (Directory.Exists(folder)) { Directory.Delete(folder, recursive: true); }
        // What is deployed is for Linux; elsewhere the same shape is made for the machine that the tests run on.
        string[] platform = RuntimeInformation.RuntimeIdentifier == "linux-x64" ? [] : ["-r", RuntimeInformation.RuntimeIdentifier];
        await Publish(folder, ["-c", "Release", .. platform, "--artifacts-path", Path.Combine(Kept, "artifacts"), "-p:RunAnalyzers=false"]);
        await File.WriteAllTextAsync(stamp, sources);
        return folder;
    }

    private static async Task<string> Publish(string folder, params string[] shape)
    {
        var start = new ProcessStartInfo("dotnet", ["publish", Path.Combine("src", "Functions"), .. shape, "-o", folder, "-v", "quiet"]) { WorkingDirectory = Root };
        // What the test run's own MSBuild set is not meant for another, and none of its worker nodes is to stay behind.
        foreach (var variable in start.Environment.Keys.Where(variable => variable.StartsWith("MSBuild", StringComparison.Ordinal)).ToList()) { start.Environment.Remove(variable); }
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        await CommandLineTool.Run(start, ProcessPriorityClass.BelowNormal);
        return folder;
    }

    /// <summary>A hash of everything that is published or says how.</summary>
    private static string Sources()
    {
        var files = new[] { "src/Functions", "src/Shared" }.SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Root, folder), "*", SearchOption.AllDirectories))
            .Where(path => !Path.GetRelativePath(Root, path).Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj" or "local.settings.json"))
            .Concat(new[] { "Directory.Build.props", "Directory.Packages.props", "global.json" }.Select(file => Path.Combine(Root, file)));
        var lines = files.Order(StringComparer.Ordinal).Select(path => $"{path} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path)))}");
        return Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', lines))));
    }

    /// <summary>Two test runs on one checkout publish once: the second waits for the first.</summary>
    private static async Task<FileStream> HoldLock(string path)
    {
        FileStream? held = null;
        await Eventually.True(
            () =>
            {
                try { held = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None); }
                catch (IOException) { /* The other run has it. */ }
                return Task.FromResult(held is not null);
            },
            TimeSpan.FromMinutes(20), "the other test run has published");
        return held!;
    }
}
