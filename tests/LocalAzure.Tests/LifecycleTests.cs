using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using LocalAzure.Tests.FunctionsHost;
using LocalAzure.Tests.Tls;

namespace LocalAzure.Tests;

/// <summary>Starts that work and starts that don't, ends in peace and ends by force: all through the real program.</summary>
public sealed class LifecycleTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly SampleAppFolder app = new();

    [Fact]
    public async Task When_it_is_ready_endpoints_json_says_where_everything_is()
    {
        await using var cloud = await LocalAzureProcess.Start(app);

        using var json = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(cloud.State, "endpoints.json")));

        json.RootElement.EnumerateObject().Select(property => property.Name)
            .Should().Equal("functions", "cosmos", "keyVault", "tables", "resourceManager", "blob", "graph", "dataPlanes", "local", "caCertificate", "masterKey", "admin");
        json.RootElement.GetProperty("admin").GetRawText().Should().NotBeNull();
        cloud.Endpoints.Admin.Should().Be(new Endpoints.Administrator("admin@example.com", null, "sample-admin-key"));
        File.Exists(cloud.Endpoints.CaCertificate).Should().BeTrue();
        new[] { cloud.Endpoints.Functions, cloud.Endpoints.Cosmos, cloud.Endpoints.Tables, cloud.Endpoints.Local }.Should().OnlyContain(url => !url.EndsWith('/'));
        if (!OperatingSystem.IsWindows()) { File.GetUnixFileMode(Path.Combine(cloud.State, "endpoints.json")).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite); }
    }

    [Fact]
    public async Task The_command_of_the_README_keeps_its_state_where_the_caller_stands()
    {
        var besideTheProject = Path.Combine(Repository.Root!, "src", "LocalAzure", ".local");
        var (before, started) = (Directory.Exists(besideTheProject), TimeProvider.System.GetUtcNow());
        await using var cloud = LocalAzureProcess.LaunchByReadme(folder);

        await cloud.UntilReady();

        cloud.State.Should().Be(folder[".local"]);
        (await cloud.Get<JsonElement>("/instances")).GetArrayLength().Should().Be(1, "the real app runs");
        Directory.EnumerateFileSystemEntries(folder.Path).Should().Equal(folder[".local"]);
        Directory.Exists(besideTheProject).Should().Be(before);
        if (before) { Directory.GetLastWriteTimeUtc(besideTheProject).Should().BeBefore(started.UtcDateTime); }
    }

    [Fact]
    public async Task Two_run_side_by_side_and_know_nothing_of_each_other()
    {
        await using var first = await LocalAzureProcess.Start(app);
        await using var second = await LocalAzureProcess.Start(app);

        (await first.App.GetAsync("/api/echo")).StatusCode.Should().Be(HttpStatusCode.OK);
        (await second.App.GetAsync("/api/echo")).StatusCode.Should().Be(HttpStatusCode.OK);
        second.Endpoints.MasterKey.Should().NotBe(first.Endpoints.MasterKey);
    }

    [Fact]
    public async Task A_taken_port_is_named_with_its_service()
    {
        var (taken, first) = TakeOneOfARow(offset: 2);
        using var holder = taken;
        await using var cloud = LocalAzureProcess.Launch(["--app", app.Path, "--ports", $"{first}"]);

        (await cloud.UntilExit()).Should().Be(1);

        cloud.Errors.Trim().Should().StartWith($"Port {first + 2} for cosmos can't be used").And.NotContain("\n");
    }

    [Fact]
    public async Task A_missing_Node_is_named()
    {
        await using var cloud = LocalAzureProcess.Launch(["--app", app.Path], change: info => info.Environment["PATH"] = folder.Path);

        (await cloud.UntilExit()).Should().Be(1);

        cloud.Errors.Trim().Should().StartWith("Node.js is missing").And.NotContain("\n");
    }

    [Fact]
    public async Task An_app_that_dies_at_start_ends_it_with_what_the_app_said_last()
    {
        await using var cloud = LocalAzureProcess.Launch(["--app", app.Path, "--setting", $"{SampleApp.ExitAtStart}=7"]);

        (await cloud.UntilExit()).Should().Be(1);

        cloud.Errors.Trim().Should().StartWith("The Functions app ended at start (exit code 7): the sample app was told to end at start").And.NotContain("\n");
    }

    [Fact]
    public async Task An_app_that_can_not_be_started_is_named()
    {
        await using var cloud = LocalAzureProcess.Launch(["--app", app.Path, "--setting", "SampleDotnet=no-such-program"]);

        (await cloud.UntilExit()).Should().Be(1);

        cloud.Errors.Trim().Should().StartWith("the Functions app can't be started from no-such-program").And.NotContain("\n");
    }

    [Theory]
    [InlineData("--ports", "no", 2)]
    [InlineData("--app", "no-such-folder", 1)]
    [InlineData("--parent", "2147483646", 1)]
    public async Task A_wrong_option_ends_it_with_one_line(string name, string value, int exitCode)
    {
        string[] appOption = name == "--app" ? [] : ["--app", app.Path];
        await using var cloud = LocalAzureProcess.Launch([.. appOption, name, value]);

        (await cloud.UntilExit()).Should().Be(exitCode);

        cloud.Errors.Trim().Should().NotBeEmpty().And.NotContain("\n");
    }

    [Fact]
    public async Task Help_lists_the_options_and_starts_nothing()
    {
        await using var cloud = LocalAzureProcess.Launch(["--help"], folder["state"]);

        (await cloud.UntilExit()).Should().Be(0);

        cloud.Output.Should().Contain("--instances N");
        Directory.Exists(folder["state"]).Should().BeFalse();
    }

    [Fact]
    public async Task A_second_one_on_the_same_state_is_refused()
    {
        await using var first = await LocalAzureProcess.Start(app);
        await using var second = LocalAzureProcess.Launch(["--app", app.Path], first.State);

        (await second.UntilExit()).Should().Be(1);

        second.Errors.Trim().Should().Be($"Another LocalAzure is running on the state folder {first.State}.");
        (await first.App.GetAsync("/api/echo")).StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("--reset")]
    [InlineData("--no-seed")]
    public async Task A_folder_with_other_peoples_files_is_not_touched(string option)
    {
        await File.WriteAllTextAsync(folder["thesis.txt"], "years of work");
        await using var cloud = LocalAzureProcess.Launch(["--app", app.Path, option], folder.Path);

        (await cloud.UntilExit()).Should().Be(1);

        cloud.Errors.Should().Contain("not a state folder of LocalAzure");
        Directory.EnumerateFileSystemEntries(folder.Path).Should().Equal(folder["thesis.txt"]);
    }

    [Fact]
    public async Task A_restart_keeps_the_state_and_a_reset_begins_afresh()
    {
        string[] keys = ["", "", ""];
        string[][] further = [[], [], ["--reset"]];
        for (var start = 0; start < keys.Length; start++)
        {
            await using var cloud = await LocalAzureProcess.Start(app, folder["state"], further[start]);
            keys[start] = cloud.Endpoints.MasterKey;
        }

        keys[1].Should().Be(keys[0]);
        keys[2].Should().NotBe(keys[0]);
    }

    [Fact]
    public async Task After_a_kill_of_LocalAzure_the_next_start_leaves_no_orphan()
    {
        await using var killed = await LocalAzureProcess.Start(app, folder["state"]);
        var orphan = Process.GetProcessById((await killed.Get<JsonElement>("/instances"))[0].GetProperty("pid").GetInt32());
        var children = JsonSerializer.Deserialize<JsonElement>(await File.ReadAllBytesAsync(Path.Combine(killed.State, "children.json")))
            .EnumerateArray().Select(child => Process.GetProcessById(child.GetProperty("Pid").GetInt32())).ToArray();
        children.Should().HaveCount(2, "the app and Azurite are written down");
        await killed.KillAlone();
        orphan.HasExited.Should().BeFalse("nobody told the app");

        await using var next = await LocalAzureProcess.Start(app, folder["state"]);

        await Task.WhenAll(children.Select(child => child.WaitForExitAsync())).WaitAsync(TimeSpan.FromSeconds(10));
        (await next.App.GetAsync("/api/echo")).StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task It_ends_with_its_parent_and_takes_the_app_along()
    {
        await using var parent = await LocalAzureProcess.Start(app);
        await using var child = await LocalAzureProcess.Start(app, null, "--parent", $"{parent.Pid}");
        using var instance = Process.GetProcessById((await child.Get<JsonElement>("/instances"))[0].GetProperty("pid").GetInt32());

        await parent.KillAlone();

        (await child.UntilExit()).Should().Be(0);
        await instance.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(10));
        File.Exists(Path.Combine(child.State, "endpoints.json")).Should().BeFalse();
    }

    public void Dispose()
    {
        app.Dispose();
        folder.Dispose();
    }

    /// <summary>Holds one port of seven that are otherwise free, as far as can be known.</summary>
    private static (TcpListener Taken, int First) TakeOneOfARow(int offset)
    {
        var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        return (taken, ((IPEndPoint)taken.LocalEndpoint).Port - offset);
    }
}
