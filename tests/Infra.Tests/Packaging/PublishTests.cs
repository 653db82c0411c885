using System.Text.Json;

namespace Infra.Tests.Packaging;

/// <summary>What "dotnet publish" makes and leaves out, by its quickest shape; of the others, what the project says. That they run is Functions.Tests' subject (Packaging/PublishedAppTests).</summary>
public sealed class PublishTests : IAsyncLifetime
{
    private readonly AppFolder published = new(Directory.CreateTempSubdirectory("functions-publish-").FullName);

    [Fact]
    public async Task A_published_folder_has_exactly_the_functions_of_the_build_and_nothing_of_developers_even_where_an_older_one_lay()
    {
        var stale = Directory.CreateDirectory(Path.Combine(published.Path, "NoLongerAFunction"));
        await File.WriteAllTextAsync(Path.Combine(stale.FullName, "function.json"), """{"bindings":[]}""");
        var settings = Path.Combine(Path.GetDirectoryName(Repository.FunctionsProject)!, "local.settings.json");
        var own = !File.Exists(settings);
        if (own) { await File.WriteAllTextAsync(settings, "{}"); }

        try { await DotNet.Run("publish", Repository.FunctionsProject, "--no-build", "-c", Repository.Configuration, "-p:SelfContained=false", "-o", published.Path); }
        finally { if (own) { File.Delete(settings); } }

        stale.Refresh();
        stale.Exists.Should().BeFalse();
        published.Functions.Should().BeEquivalentTo(Repository.BuiltApp.Functions).And.NotBeEmpty();
        var files = Directory.EnumerateFiles(published.Path, "*", SearchOption.AllDirectories).Select(Path.GetFileName).ToList();
        files.Should().Contain("host.json").And.NotContain(["local.settings.json", "web.config"]);
        files.Should().NotContain(name => name!.EndsWith(".pdb", StringComparison.Ordinal) || name.EndsWith(".xml", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", "linux-x64")]
    [InlineData("win-x64", "win-x64")]
    [InlineData("osx-arm64", "osx-arm64")]
    public async Task By_default_an_app_is_published_with_its_runtime_compiled_ahead_of_time_and_trimmed(string asked, string platform)
    {
        var properties = await Evaluate("_IsPublishing=true", asked.Length == 0 ? "Configuration=Release" : $"RuntimeIdentifier={asked}");

        properties.Should().Contain("RuntimeIdentifier", platform).And.Contain("SelfContained", "true").And.Contain("PublishReadyToRunComposite", "true")
            .And.Contain("PublishTrimmed", "true").And.Contain("TrimMode", "partial");
    }

    [Fact]
    public async Task A_build_is_a_plain_one()
    {
        var properties = await Evaluate("Configuration=Release");

        properties["RuntimeIdentifier"].Should().BeEmpty();
        properties["SelfContained"].Should().NotBe("true");
        properties["PublishReadyToRun"].Should().NotBe("true");
        properties["PublishTrimmed"].Should().NotBe("true");
    }

    [Theory]
    [InlineData("win-x64", "CustomerFunctions.exe")]
    [InlineData("linux-x64", "CustomerFunctions")]
    [InlineData("osx-arm64", "CustomerFunctions")]
    public async Task Host_json_names_the_executable_as_its_platform_does(string platform, string executable)
    {
        await DotNet.Run("msbuild", Repository.FunctionsProject, "-t:MakeHostJson", $"-p:RuntimeIdentifier={platform}", $"-p:IntermediateOutputPath={published.Path}/");

        Path.GetFileName(published.Executable).Should().Be(executable);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync()
    {
        Directory.Delete(published.Path, recursive: true);
        return Task.CompletedTask;
    }

    private static async Task<Dictionary<string, string>> Evaluate(params string[] properties)
    {
        var output = await DotNet.Run(
            ["msbuild", Repository.FunctionsProject, .. properties.Select(property => $"-p:{property}"), "-getProperty:RuntimeIdentifier,SelfContained,PublishReadyToRun,PublishReadyToRunComposite,PublishTrimmed,TrimMode"]);
        return JsonDocument.Parse(output).RootElement.GetProperty("Properties").EnumerateObject().ToDictionary(property => property.Name, property => property.Value.GetString()!);
    }
}
