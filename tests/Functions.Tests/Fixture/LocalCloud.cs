using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Reflection;
using System.Text;
using System.Text.Json.Nodes;

namespace CustomerFunctions.Tests.Fixture;

/// <summary>One running LocalAzure with the app in it: a process of its own, on free ports, with its state in a temporary folder.</summary>
internal sealed class LocalCloud : IAsyncDisposable
{
    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(120);
    private readonly Process process;
    private readonly StringBuilder output;
    private readonly Dictionary<string, string> tokens = [];

    private LocalCloud(Process process, StringBuilder output, string state)
    {
        this.process = process;
        this.output = output;
        State = state;
    }

    /// <summary>The state folder.</summary>
    public string State { get; }

    /// <summary>What endpoints.json says.</summary>
    public JsonObject Endpoints { get; private set; } = [];

    /// <summary>LocalAzure's own API.</summary>
    public HttpClient Local { get; private set; } = new();

    /// <summary>Another folder to run than the build's own, which CUSTOMER_FUNCTIONS_APP names from the repository on: so every test can be run on what was published. Null when none is named.</summary>
    public static string? NamedApp { get; } = Environment.GetEnvironmentVariable("CUSTOMER_FUNCTIONS_APP") is { Length: > 0 } folder ? Path.GetFullPath(folder, Metadata("RepositoryRoot")) : null;

    /// <summary>The folder of the app as the build leaves it.</summary>
    public static string BuiltApp { get; } = Path.Combine(Metadata("RepositoryRoot"), "src", "Functions", "bin", Metadata("Configuration"), "net10.0");

    public static string Metadata(string key) => typeof(LocalCloud).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value!;

    public string Endpoint(string name) => (string)Endpoints[name]!;

    public static async Task<LocalCloud> Start(params string[] arguments)
    {
        var state = Directory.CreateTempSubdirectory("customer-functions-tests-").FullName;
        var output = new StringBuilder();
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.ArgumentList.Add(Path.Combine(Metadata("RepositoryRoot"), "src", "LocalAzure", "bin", Metadata("Configuration"), "net10.0", "LocalAzure.dll"));
        string[] common = ["--state", state, "--ports", "auto", "--no-seed", "--parent", Environment.ProcessId.ToString(CultureInfo.InvariantCulture), .. Unlimited(arguments), .. AnotherApp(arguments)];
        foreach (var argument in common.Concat(arguments)) { start.ArgumentList.Add(argument); }
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => { lock (output) { output.AppendLine(line.Data); } };
        process.ErrorDataReceived += (_, line) => { lock (output) { output.AppendLine(line.Data); } };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();

        var cloud = new LocalCloud(process, output, state);
        try
        {
            await cloud.WaitUntilReady();
            return cloud;
        }
        catch
        {
            await cloud.DisposeAsync();
            throw;
        }
    }

    /// <summary>Moves the test clock, for the app and every emulator.</summary>
    public async Task Advance(TimeSpan by) =>
        (await Local.PostAsJsonAsync("/clock", new { advance = by.ToString("c", CultureInfo.InvariantCulture) })).EnsureSuccessStatusCode();

    public async Task<DateTimeOffset> Now() => (await Local.GetFromJsonAsync<JsonObject>("/clock"))!["utcNow"]!.GetValue<DateTimeOffset>();

    /// <summary>Runs a timer function to its end.</summary>
    public async Task<JsonObject> RunTimer(string name, int? instance = null)
    {
        var response = await Local.PostAsync($"/timers/{name}/run{(instance is null ? "" : $"?instance={instance}")}", content: null);
        return (await response.Content.ReadFromJsonAsync<JsonObject>())!;
    }

    public async Task Fault(object fault) => (await Local.PutAsJsonAsync("/faults", fault)).EnsureSuccessStatusCode();

    public async Task ClearFaults() => (await Local.DeleteAsync("/faults")).EnsureSuccessStatusCode();

    public async Task ResetRequests() => (await Local.DeleteAsync("/requests")).EnsureSuccessStatusCode();

    public async Task<JsonObject> Requests() => (await Local.GetFromJsonAsync<JsonObject>("/requests"))!;

    public async Task<JsonObject> RequestsByOperation() => (await Local.GetFromJsonAsync<JsonObject>("/requests?by=operation"))!;

    /// <summary>The faults that are not over.</summary>
    public async Task<JsonArray> Faults() => (await Local.GetFromJsonAsync<JsonArray>("/faults"))!;

    /// <summary>The app's instances and how they are.</summary>
    public async Task<JsonArray> Instances() => (await Local.GetFromJsonAsync<JsonArray>("/instances"))!;

    /// <summary>Does to an instance of the app what <paramref name="verb"/> says: kill, stop or continue.</summary>
    public Task<HttpResponseMessage> OnInstance(int instance, string verb) => Local.PostAsync($"/instances/{instance}/{verb}", content: null);

    /// <summary>A bearer token of the emulated managed identity; it is good for a day of the machine's clock.</summary>
    public string Token(string audience) => tokens[audience];

    /// <summary>The last errors that the app's instances have logged.</summary>
    public string Errors() => string.Join('\n', Directory.EnumerateFiles(Path.Combine(State, "logs"), "functions-*.log").SelectMany(ReadLines).Where(line => line.Contains("fail:", StringComparison.Ordinal)).TakeLast(10));

    /// <summary>Everything the processes have written so far.</summary>
    public string Output()
    {
        lock (output) { return output.ToString(); }
    }

    public async ValueTask DisposeAsync()
    {
        Local.Dispose();
        if (!process.HasExited) { process.Kill(entireProcessTree: true); }
        await process.WaitForExitAsync();
        process.Dispose();
        var (leaks, _) = await SecretSearch.Run(State);
        try { Directory.Delete(State, recursive: true); }
        catch (IOException) { /* A child that is just ending still has a file open; the system's temporary folder is cleaned anyway. */ }
        leaks.Should().BeEmpty("no secret of Key Vault is anywhere else");
    }

    /// <summary>Tests are busier than any plan allows; those about the limits set their own factor.</summary>
    private static string[] Unlimited(string[] arguments) =>
        arguments.Any(argument => argument.StartsWith("RateLimits__Factor", StringComparison.Ordinal)) ? [] : ["--setting", "RateLimits__Factor=10000"];

    private static string[] AnotherApp(string[] arguments) => NamedApp is { } folder && !arguments.Contains("--app") ? ["--app", folder] : [];

    private static string[] ReadLines(string path)
    {
        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        return reader.ReadToEnd().Split('\n');
    }

    private async Task WaitUntilReady()
    {
        var file = Path.Combine(State, "endpoints.json");
        var started = Stopwatch.StartNew();
        while (!File.Exists(file))
        {
            if (process.HasExited || started.Elapsed > StartTime) { throw new InvalidOperationException($"LocalAzure did not get ready:\n{Output()}"); }
            await Task.Delay(50);
        }
        Endpoints = JsonNode.Parse(await File.ReadAllTextAsync(file))!.AsObject();
        Local = new HttpClient { BaseAddress = new Uri(Endpoint("local")), Timeout = TimeSpan.FromMinutes(5) };
        foreach (var audience in (string[])["https://vault.azure.net", "https://management.azure.com", "https://cosmos.azure.com", "https://storage.azure.com", "https://graph.microsoft.com"])
        {
            tokens[audience] = (string)(await Local.GetFromJsonAsync<JsonObject>($"/token?audience={Uri.EscapeDataString(audience)}"))!["token"]!;
        }
    }
}
