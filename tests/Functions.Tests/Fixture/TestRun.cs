using System.Diagnostics;
using System.Globalization;
using LocalAzure;
using LocalAzure.Azurite;

namespace CustomerFunctions.Tests.Fixture;

/// <summary>
/// The folder of this test run. What outlives the test process, killed or not, are the processes that its environments have started and their state: a second process, which learns of the end by
/// the closing of its input, ends the ones and deletes the other.
/// </summary>
internal static class TestRun
{
    private const string Children = "children.json";
    private static readonly Lazy<string> Folder = new(Begin);
    private static readonly Lazy<Task<AzuriteProcess>> SharedAzurite = new(StartAzurite);
    private static int environments;
    // Its input closes when this process ends, and not before.
    private static Process? second;

    /// <summary>Serves the tables of all environments.</summary>
    public static Task<AzuriteProcess> Azurite => SharedAzurite.Value;

    /// <summary>What it has printed, which is of all environments.</summary>
    public static string AzuriteLog => Path.Combine(Folder.Value, "azurite.log");

    /// <summary>A new folder for the state of one environment.</summary>
    public static string NewState() => Path.Combine(Folder.Value, Interlocked.Increment(ref environments).ToString(CultureInfo.InvariantCulture));

    /// <summary>The second process: this assembly, started as a program.</summary>
    private static async Task Main(string[] arguments)
    {
        while (await Console.In.ReadLineAsync() is not null) { }
        foreach (var children in Directory.EnumerateFiles(arguments[0], Children, SearchOption.AllDirectories)) { ChildProcesses.Open(children).Dispose(); }
        Directory.Delete(arguments[0], recursive: true);
    }

    private static string Begin()
    {
        var folder = Directory.CreateTempSubdirectory("customer-functions-tests-").FullName;
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", ["exec", typeof(TestRun).Assembly.Location, folder])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        second = Process.Start(start);
        return folder;
    }

    private static Task<AzuriteProcess> StartAzurite() =>
        AzuriteProcess.Start(NodeRuntime.Find(), Folder.Value, AzuriteLog, ChildProcesses.Open(Path.Combine(Folder.Value, Children)), _ => { }, CancellationToken.None);
}
