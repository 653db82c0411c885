using System.Diagnostics;

namespace Infra.Tests.Bicep;

/// <summary>What the compiler says, on machines that have one on the PATH (the pipeline has).</summary>
public sealed class CompilerTests
{
    public static TheoryData<string> EntryPoints => ["main.bicep", "rotation-role.bicep"];

    [NeedsBicepTheory]
    [MemberData(nameof(EntryPoints))]
    public async Task The_Bicep_compiles_without_a_warning(string file)
    {
        var (exitCode, said) = await Run(NeedsBicepTheoryAttribute.Compiler!, "build", file, "--stdout");
        exitCode.Should().Be(0, because: said);
        said.Should().NotContain(") : Warning").And.NotContain(") : Error");
    }

    [NeedsBicepTheory]
    [MemberData(nameof(EntryPoints))]
    public async Task The_linter_has_nothing_to_say(string file)
    {
        var (exitCode, said) = await Run(NeedsBicepTheoryAttribute.Compiler!, "lint", file);
        exitCode.Should().Be(0, because: said);
        said.Should().NotContain(") : Warning");
    }

    private static async Task<(int ExitCode, string Errors)> Run(string command, params string[] arguments)
    {
        var start = new ProcessStartInfo(command, arguments) { WorkingDirectory = BicepSource.Folder, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await errors);
    }
}

/// <summary>A theory that is skipped, and says so, where there is no Bicep compiler.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NeedsBicepTheoryAttribute : TheoryAttribute
{
    public NeedsBicepTheoryAttribute()
    {
        if (Compiler is null) { Skip = "There is no bicep on the PATH."; }
    }

    /// <summary>Where it is; null when it is nowhere.</summary>
    internal static string? Compiler { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Where(folder => folder.Length > 0).SelectMany(folder => new[] { Path.Combine(folder, "bicep"), Path.Combine(folder, "bicep.exe") }).FirstOrDefault(File.Exists);
}
