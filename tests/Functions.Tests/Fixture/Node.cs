using System.Diagnostics;

namespace CustomerFunctions.Tests.Fixture;

/// <summary>Node.js, which LocalAzure needs anyway: where it is missing, what asks for it fails and says so.</summary>
internal static class Node
{
    /// <summary>Installs what package-lock.json lists, from the user's npm cache as far as that has it.</summary>
    public static Task Install(string folder)
    {
        string[] command = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"];
        return CommandLineTool.Run(new ProcessStartInfo(OnPath(OperatingSystem.IsWindows() ? "npm.cmd" : "npm"), command) { WorkingDirectory = folder });
    }

    /// <summary>Runs a script of the folder and returns what it printed; fails with that when it fails.</summary>
    public static Task<string> Run(string folder, string[] command, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(OnPath(OperatingSystem.IsWindows() ? "node.exe" : "node"), command) { WorkingDirectory = folder };
        foreach (var (name, value) in environment) { start.Environment[name] = value; }
        return CommandLineTool.Run(start);
    }

    private static string OnPath(string file) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Select(folder => Path.Combine(folder, file)).FirstOrDefault(File.Exists) ?? throw new InvalidOperationException($"'{file}' is not on PATH: this needs Node.js 20 or later, as LocalAzure does.");
}
