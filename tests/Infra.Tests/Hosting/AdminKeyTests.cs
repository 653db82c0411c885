using System.Diagnostics;

namespace Infra.Tests.Hosting;

/// <summary>The command that makes an administrator's key for the vault, run by an operator on the published or built app.</summary>
public sealed class AdminKeyTests
{
    [Fact]
    public async Task A_key_is_made_without_any_setting_and_is_another_each_time()
    {
        var (exitCode, first, errors) = await MakeKey("live");
        var (_, second, _) = await MakeKey("live");

        exitCode.Should().Be(0, because: errors);
        first.Should().MatchRegex("^cf_live_0{26}_[0-9A-Za-z]{49}$").And.NotBe(second);
        errors.Should().BeEmpty();
    }

    [Fact]
    public async Task An_environment_that_no_key_can_have_is_refused_in_one_line()
    {
        var (exitCode, key, errors) = await MakeKey("Not_Lower-Case");

        exitCode.Should().Be(1);
        key.Should().BeEmpty();
        errors.Trim().Should().Contain("--make-admin-key").And.NotContain("\n");
    }

    private static async Task<(int ExitCode, string Key, string Errors)> MakeKey(string environment)
    {
        var start = new ProcessStartInfo(Repository.TestedApp.Executable, ["--make-admin-key", environment]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var key = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, key, await errors);
    }
}
