using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using CustomerFunctions.Tests.ServiceAccounts;

namespace CustomerFunctions.Tests.Packaging;

/// <summary>
/// What a published folder is and does when the host runs it. Any other test runs on such a folder too: CUSTOMER_FUNCTIONS_APP names it (CONTRIBUTING.md).
/// </summary>
public abstract class PublishedAppTests(PublishedEnvironment published)
{
    private const string Rotation = "RotateServiceAccountKeys";
    private readonly App app = published.App;

    [Fact]
    public void It_has_the_functions_of_the_build_and_the_executable_that_host_json_names()
    {
        FunctionFiles(published.Folder).Should().BeEquivalentTo(FunctionFiles(LocalCloud.BuiltApp)).And.HaveCountGreaterThan(50);
        File.Exists(Executable).Should().BeTrue();
        Directory.EnumerateFiles(published.Folder, "*", SearchOption.AllDirectories).Select(Path.GetExtension).Should().NotContain([".pdb", ".xml"]);
    }

    [Fact]
    public async Task It_describes_itself_as_the_build_does()
    {
        using var http = new HttpClient();

        var own = JsonNode.Parse(await http.GetStringAsync(app.Cloud.Endpoint("functions") + "/api/openapi/v1.json"));

        JsonNode.DeepEquals(own, (await (await App.Shared).Description).Document).Should().BeTrue("nothing that describes a route is trimmed away");
    }

    [Fact]
    public async Task It_is_well_and_reaches_every_service()
    {
        (await app.Caller(key: null).Get("/api/health/live")).ShouldBe(200);
        (await app.Caller(key: null).Get("/api/health/ready")).ShouldBe(200);
    }

    [Fact]
    public async Task Customers_keys_and_people_are_served()
    {
        var customer = $"/api/customers/{(await app.CreateCustomer())["id"]}";
        var key = (string)(await app.Admin.Post(customer + "/api-keys", new { name = "ci" })).ShouldBe(201)["key"]!;

        (await app.Caller(key).Get(customer)).ShouldBe(200);
        (await app.Caller(key).Get($"/api/customers/{(await app.CreateCustomer())["id"]}")).ShouldBeRefused(404, "not-found");
        (await app.Admin.Post("/api/customers", new { name = "", email = "no address" })).ShouldBeRefused(400, "invalid-request", "/email");
        (await (await Person.SignedUp(app)).Api.Get("/api/auth/me")).ShouldBe(200);
    }

    [Fact]
    public async Task Every_timer_runs_to_its_end_and_for_the_host_only()
    {
        var timers = FunctionFiles(published.Folder).Where(function => function.Value.Contains("timerTrigger", StringComparison.Ordinal)).Select(function => function.Key).ToList();

        timers.Should().HaveCountGreaterThan(10);
        foreach (var timer in timers)
        {
            var run = await app.Cloud.RunTimer(timer);
            ((bool?)run["succeeded"]).Should().BeTrue("{0} answered {1}", timer, run);
            using var request = new HttpRequestMessage(HttpMethod.Post, $"{await app.UrlOf(0)}/{timer}") { Content = new StringContent("{}") };
            request.Headers.Add("X-Forwarded-For", "203.0.113.7");
            (await app.Admin.Send(request)).ShouldBeRefused(404, "not-found");
        }
    }

    [Theory]
    [InlineData(RotatedAccount.ApiCredential, "kill -9 before")]
    [InlineData(RotatedAccount.StorageAccountKeys, "kill -9 after")]
    public async Task A_rotation_whose_process_is_killed_is_finished_by_the_next(string kind, string death)
    {
        var account = await RotatedAccount.Create(app, kind);
        var (old, _) = await account.Current();
        await app.Cloud.Advance(RotatedAccount.Interval);
        await app.Cloud.Fault(new { service = "keyVault", operation = $"^PUT /secrets/{account.SecretName}", kind = "kill", when = death.Split(' ')[^1], instance = 0, count = 1, seconds = 300 });

        try { await app.Cloud.RunTimer(Rotation); }
        catch (Exception e) when (e is HttpRequestException or JsonException) { /* It died under it. */ }

        (await app.Cloud.Faults()).Should().BeEmpty("it was killed");
        (await account.Step()).Should().NotBe("done");
        (await account.Accepts(old)).Should().BeTrue();
        await account.RunTimerUntil("settle");
        await account.ShouldHaveOneCurrentKey();
        (await account.Current()).Value.Should().NotBe(old);
        await account.Forget();
    }

    [Fact]
    public async Task A_process_that_is_told_to_end_finishes_what_it_has_begun()
    {
        // Windows has no such signal.
        if (OperatingSystem.IsWindows()) { return; }
        var customer = $"/api/customers/{(await app.CreateCustomer())["id"]}";
        var instance = (await app.Cloud.Instances())[0]!;
        var caller = await app.CallerOf(0, app.AdminKey);
        await app.Cloud.Fault(new { service = "cosmos", operation = "^GET /dbs/customers/colls/customers/docs/", kind = "latency", milliseconds = 1500, count = 1, seconds = 300 });

        var begun = caller.Get(customer);
        await Eventually.True(async () => (await app.Cloud.Faults()).Count == 0, TimeSpan.FromSeconds(30), "the request waits for Cosmos DB");
        Signal((int)instance["pid"]!, 15).Should().Be(0);

        (await begun).ShouldBe(200);
        await Eventually.True(async () => (await app.Cloud.Instances())[0] is { } now && (string?)now["state"] == "running" && (int?)now["pid"] != (int?)instance["pid"], TimeSpan.FromSeconds(60), "the host has started another");
        (await app.Admin.Get(customer)).ShouldBe(200);
    }

    [Fact]
    public async Task A_wrong_setting_stops_it_with_one_line_that_names_it()
    {
        var start = new ProcessStartInfo(Executable) { WorkingDirectory = published.Folder };
        start.Environment["RateLimits__Factor"] = "0";

        var (exitCode, _, errors) = await CommandLineTool.Ends(start);

        exitCode.Should().Be(1);
        errors.Trim().Should().ContainAll("RateLimits__Factor", "Cosmos__Endpoint").And.NotContain("\n");
    }

    [Fact]
    public async Task It_makes_an_administrators_key()
    {
        var key = await CommandLineTool.Run(new ProcessStartInfo(Executable, ["--make-admin-key", "live"]));

        key.Trim().Should().MatchRegex("^cf_live_0{26}_[0-9A-Za-z]{49}$");
    }

    private string Executable => Path.Combine(published.Folder, (string)JsonNode.Parse(File.ReadAllText(Path.Combine(published.Folder, "host.json")))!["customHandler"]!["description"]!["defaultExecutablePath"]!);

    private static Dictionary<string, string> FunctionFiles(string folder) => Directory.EnumerateDirectories(folder).Select(path => (Name: Path.GetFileName(path), File: Path.Combine(path, "function.json")))
        .Where(function => File.Exists(function.File)).ToDictionary(function => function.Name, function => File.ReadAllText(function.File));

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Signal(int pid, int signal);
}

/// <summary>The shape that is deployed.</summary>
public sealed class DefaultPublishTests(DefaultShape published) : PublishedAppTests(published), IClassFixture<DefaultShape>;

/// <summary>The shape for machines that have .NET.</summary>
public sealed class FrameworkDependentPublishTests(FrameworkDependentShape published) : PublishedAppTests(published), IClassFixture<FrameworkDependentShape>;
