using System.Diagnostics;
using System.Globalization;

namespace CustomerFunctions.Tests.Fixture;

/// <summary>
/// The folder of this test run. What outlives the test process, killed or not, are the processes that its environments have started and their state: a second process, which learns of the end by
/// the closing of its input, ends the ones and deletes the other.
/// </summary>
internal static class TestRun
{
    private static readonly Lazy<string> Folder = new(Begin);
    private static int environments;

    /// <summary>A new folder for the state of one environment.</summary>
    public static string NewState() => Path.Combine(Folder.Value, Interlocked.Increment(ref environments).ToString(CultureInfo.InvariantCulture));

    /// <summary>The second process: this assembly, started as a program.</summary>
    private static async Task Main(string[] arguments)
    {
        while (await Console.In.ReadLineAsync() is not null) { }
        foreach (var environment in Directory.EnumerateDirectories(arguments[0])) { LocalAzure.ChildProcesses.Open(Path.Combine(environment, "children.json")).Dispose(); }
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
        Process.Start(start)!.Dispose();
        return folder;
    }
}
