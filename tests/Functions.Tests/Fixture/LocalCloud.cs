using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Json;
using System.Reflection;
using System.Text;
using System.Text.Json.Nodes;

namespace CustomerFunctions.Tests.Fixture;

/// <summary>One running LocalAzure with the app in it: on free ports, with its state in a temporary folder. The emulators run in this process, which compiles them once for all environments; the app is a process of its own.</summary>
internal sealed class LocalCloud : IAsyncDisposable
{
    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(120);
    private static readonly ConcurrentDictionary<LocalCloud, bool> Running = new();
    private readonly LocalAzure.LocalCloud cloud;
    private readonly StringBuilder output;
    private readonly Lock answers = new();
    private readonly ConcurrentDictionary<string, string> tokens = [];

    private LocalCloud(LocalAzure.LocalCloud cloud, StringBuilder output, string state)
    {
        this.cloud = cloud;
        this.output = output;
        State = state;
        Endpoints = JsonNode.Parse(File.ReadAllText(Path.Combine(state, "endpoints.json")))!.AsObject();
        Local = new HttpClient { BaseAddress = new Uri(Endpoint("local")), Timeout = TimeSpan.FromMinutes(5) };
        Running[this] = true;
    }

    /// <summary>The state folder.</summary>
    public string State { get; }

    /// <summary>What endpoints.json says.</summary>
    public JsonObject Endpoints { get; }

    /// <summary>LocalAzure's own API.</summary>
    public HttpClient Local { get; }

    /// <summary>Another folder to run than the build's own, which CUSTOMER_FUNCTIONS_APP names from the repository on: so every test can be run on what was published. Null when none is named.</summary>
    public static string? NamedApp { get; } = Environment.GetEnvironmentVariable("CUSTOMER_FUNCTIONS_APP") is { Length: > 0 } folder ? Path.GetFullPath(folder, Metadata("RepositoryRoot")) : null;

    /// <summary>The folder of the app as the build leaves it.</summary>
    public static string BuiltApp { get; } = Path.Combine(Metadata("RepositoryRoot"), "src", "Functions", "bin", Metadata("Configuration"), "net10.0");

    public static string Metadata(string key) => typeof(LocalCloud).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value!;

    public string Endpoint(string name) => (string)Endpoints[name]!;

    public static async Task<LocalCloud> Start(params string[] arguments)
    {
        var state = TestRun.NewState();
        var output = new StringBuilder();
        var (options, refusal) = LocalAzure.CommandLine.Parse(["--state", state, "--ports", "auto", "--no-seed", .. Unlimited(arguments), .. AnotherApp(arguments), .. arguments]);
        refusal.Should().BeNull();
        using var limit = new CancellationTokenSource(StartTime);
        try { return new LocalCloud(await LocalAzure.LocalCloud.Start(options!, Print, await TestRun.Azurite, limit.Token), output, state); }
        catch (Exception e) { throw new InvalidOperationException($"LocalAzure did not get ready: {e.Message}\n{output}", e); }

        void Print(string line)
        {
            lock (output) { output.AppendLine(line); }
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

    /// <summary>Does what an instance dies of, and waits until another has taken its place.</summary>
    public async Task Outlive(int instance, Func<Task> death)
    {
        var process = (int?)(await Instances())[instance]!["pid"];
        try { await death(); }
        catch (HttpRequestException) { /* It died under the question. */ }
        await Eventually.True(async () => (int?)(await Instances())[instance]!["pid"] != process, StartTime, "the instance that was killed is gone");
        await UntilUp(instance);
    }

    /// <summary>Waits for an instance that starts again.</summary>
    public Task UntilUp(int instance) => Eventually.True(async () => (string?)(await Instances())[instance]!["state"] == "running", StartTime, $"instance {instance} is up");

    /// <summary>A bearer token of the emulated managed identity; it is good for a day of the machine's clock.</summary>
    public string Token(string audience) => tokens.GetOrAdd(audience, cloud.Token);

    /// <summary>What the app's instances have logged.</summary>
    public IEnumerable<string> LogLines() => Directory.EnumerateFiles(Path.Combine(State, "logs"), "functions-*.log").SelectMany(ReadLines);

    /// <summary>Waits until a line with this text is logged.</summary>
    public Task ShouldBeLogged(string text) =>
        Eventually.True(() => Task.FromResult(LogLines().Any(line => line.Contains(text, StringComparison.Ordinal))), TimeSpan.FromSeconds(30), $"'{text}' is logged");

    /// <summary>The last errors that the app's instances have logged.</summary>
    public string Errors() => string.Join('\n', LogLines().Where(line => line.Contains("fail:", StringComparison.Ordinal)).TakeLast(10));

    /// <summary>Keeps what the app has answered somebody: <see cref="SecretSearch"/> looks there too.</summary>
    public void KeepAnswer(string body)
    {
        lock (answers) { File.AppendAllText(Path.Combine(State, "logs", "answers.log"), body + "\n"); }
    }

    /// <summary>Everything that LocalAzure has printed.</summary>
    public string Output()
    {
        lock (output) { return output.ToString(); }
    }

    /// <summary>Ends those that nobody else has ended, because tests share them.</summary>
    public static async Task EndAll()
    {
        var failures = new List<string>();
        foreach (var cloud in Running.Keys)
        {
            try { await cloud.DisposeAsync(); }
            catch (Exception e) { failures.Add(e.Message); }
        }
        if (failures.Count > 0) { throw new InvalidOperationException(string.Join('\n', failures)); }
    }

    public async ValueTask DisposeAsync()
    {
        Running.TryRemove(this, out _);
        Local.Dispose();
        // Fails when it has ended by itself before.
        await cloud.DisposeAsync();
        // The first key is printed, to greet the developer.
        var (leaks, _) = await SecretSearch.Run(State, Output().Replace((string)Endpoints["admin"]!["apiKey"]!, "", StringComparison.Ordinal));
        try { Directory.Delete(State, recursive: true); }
        catch (IOException) { /* A child that is just ending still has a file open; the system's temporary folder is cleaned anyway. */ }
        leaks.Should().BeEmpty("no secret of Key Vault is anywhere else");
    }

    /// <summary>Tests are busier than any plan allows; those about the limits set their own factor.</summary>
    private static string[] Unlimited(string[] arguments) =>
        arguments.Any(argument => argument.StartsWith("RateLimits__Factor", StringComparison.Ordinal)) ? [] : ["--setting", "RateLimits__Factor=10000"];

    private static string[] AnotherApp(string[] arguments) => NamedApp is { } folder && !arguments.Contains("--app") ? ["--app", folder] : [];

    /// <summary>The lines of a file that somebody may be writing.</summary>
    public static string[] ReadLines(string path)
    {
        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        return reader.ReadToEnd().Split('\n');
    }
}
