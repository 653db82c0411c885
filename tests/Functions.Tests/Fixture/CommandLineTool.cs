using System.Diagnostics;

namespace CustomerFunctions.Tests.Fixture;

/// <summary>Runs programs to their end.</summary>
internal static class CommandLineTool
{
    /// <summary>Runs it and returns what it printed; fails with that when it fails.</summary>
    public static async Task<string> Run(ProcessStartInfo start, ProcessPriorityClass priority = ProcessPriorityClass.Normal)
    {
        var (exitCode, output, errors) = await Ends(start, priority);
        exitCode.Should().Be(0, "{0} {1} said {2}{3}", Path.GetFileName(start.FileName), string.Join(' ', start.ArgumentList), output, errors);
        return output;
    }

    /// <summary>Runs it and returns how it ended.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> Ends(ProcessStartInfo start, ProcessPriorityClass priority = ProcessPriorityClass.Normal)
    {
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        using var process = Process.Start(start)!;
        if (priority != ProcessPriorityClass.Normal) { process.PriorityClass = priority; }
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output, await errors);
    }
}
