using System.Diagnostics;

namespace Infra.Tests;

/// <summary>The dotnet command.</summary>
internal static class DotNet
{
    /// <summary>Runs it and returns what it printed; fails with that when it fails.</summary>
    public static async Task<string> Run(params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", arguments)
        {
            WorkingDirectory = Repository.PathOf(),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // A build server or worker node that stays behind would hold the test run open, and what the test run's own MSBuild set is not meant for another.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MSBuild", StringComparison.Ordinal)).ToList()) { start.Environment.Remove(name); }

        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        process.ExitCode.Should().Be(0, because: "dotnet {0} said {1}{2}", string.Join(' ', arguments), output, await errors);
        return output;
    }
}
