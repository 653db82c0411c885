using System.Diagnostics;
using System.Text.Json;
using LocalAzure.Azurite;

namespace LocalAzure.Tests.Sdks;

/// <summary>The scripts in <c>javascript</c> and the SDKs that they use, from npm at the locked versions.</summary>
internal sealed class JavaScriptSessions
{
    private readonly NodeRuntime node = NodeRuntime.Find();

    private JavaScriptSessions()
    {
    }

    /// <summary>Once for a run. A copy: two test runs on one checkout do not meet in its node_modules.</summary>
    public static Lazy<Task<JavaScriptSessions>> Installed { get; } = new(Install);

    private static string Source => Path.Combine(Repository.Root!, "tests", "LocalAzure.Tests", "Sdks", "javascript");

    private static string Folder { get; } = Directory.CreateTempSubdirectory("local-azure-javascript-").FullName;

    /// <summary>Runs a script of the folder and returns what it printed; fails with what it said when it fails.</summary>
    public Task<string> Run(string[] command, LocalAzureProcess cloud) => Run(node.Node, command, cloud);

    /// <summary>Classes and methods of a package that its session does not play.</summary>
    public IReadOnlySet<string> LeftOut(string package)
    {
        using var file = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, "left-out.json")));
        return file.RootElement.GetProperty(package).EnumerateObject().SelectMany(reason => reason.Value.EnumerateArray(), (_, name) => name.GetString()!).ToHashSet();
    }

    private static async Task<JavaScriptSessions> Install()
    {
        foreach (var file in Directory.GetFiles(Source)) { File.Copy(file, Path.Combine(Folder, Path.GetFileName(file))); }
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(Folder, recursive: true);
        var sessions = new JavaScriptSessions();
        await Run(sessions.node.Npm, ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"], cloud: null);
        return sessions;
    }

    private static async Task<string> Run(string program, string[] command, LocalAzureProcess? cloud)
    {
        var start = new ProcessStartInfo(program, command) { WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        if (cloud is not null)
        {
            start.Environment["LOCAL_AZURE_ENDPOINTS"] = Path.Combine(cloud.State, "endpoints.json");
            start.Environment["NODE_EXTRA_CA_CERTS"] = cloud.Endpoints.CaCertificate;
        }
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        process.ExitCode.Should().Be(0, "{0} said: {1} {2}", string.Join(' ', command), output, await errors);
        return output;
    }
}
