using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using LocalAzure.Tests.FunctionsHost;
using LocalAzure.Tests.Tls;

namespace LocalAzure.Tests;

/// <summary>LocalAzure as a user runs it: its own process on free ports, with a state folder that goes when the test goes.</summary>
internal sealed class LocalAzureProcess : IAsyncDisposable
{
    private const string Ready = "LocalAzure is ready";
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(120);

    private readonly Process process;
    private readonly StringBuilder output = new();
    private readonly StringBuilder errors = new();
    private readonly TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IDisposable[] owned;

    private LocalAzureProcess(Process process, string state, IDisposable[] owned)
    {
        (this.process, State, this.owned) = (process, state, owned);
        process.OutputDataReceived += (_, line) => Read(output, line.Data);
        process.ErrorDataReceived += (_, line) => Read(errors, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public string State { get; }

    public int Pid => process.Id;

    public string Output { get { lock (output) { return output.ToString(); } } }

    public string Errors { get { lock (errors) { return errors.ToString(); } } }

    public Endpoints Endpoints { get; private set; } = null!;

    /// <summary>Talks to the app through the host.</summary>
    public HttpClient App { get; } = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });

    /// <summary>Talks to LocalAzure's own API.</summary>
    public HttpClient Local { get; } = new();

    /// <summary>Starts it with the sample app and waits until it is ready.</summary>
    public static async Task<LocalAzureProcess> Start(SampleAppFolder? app = null, string? state = null, params string[] further)
    {
        var ownApp = app is null ? new SampleAppFolder() : null;
        var started = Launch(["--app", (app ?? ownApp)!.Path, .. further], state, ownApp);
        await started.UntilReady();
        return started;
    }

    /// <summary>Starts it as its user does: the real app, demo data and all.</summary>
    public static async Task<LocalAzureProcess> StartWithDemoData()
    {
        var started = Launch([], seed: true);
        await started.UntilReady();
        return started;
    }

    /// <summary>Starts it with these options, on a state folder of its own unless told which, and does not wait.</summary>
    public static LocalAzureProcess Launch(string[] options, string? state = null, IDisposable? alsoOwned = null, Action<ProcessStartInfo>? change = null, bool seed = false)
    {
        var folder = state is null ? new TemporaryFolder() : null;
        state ??= Path.Combine(folder!.Path, "state");
        var info = new ProcessStartInfo(DotnetPath)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        string[] ours = ["--state", state, "--parent", Environment.ProcessId.ToString(CultureInfo.InvariantCulture), "--setting", $"SampleDotnet={DotnetPath}", "--setting", "TickSchedule=0 0 3 1 1 *"];
        string[] data = seed || options.Contains("--no-seed") ? [] : ["--no-seed"];
        string[] ports = options.Contains("--ports") ? [] : ["--ports", "auto"];
        foreach (var argument in (string[])["exec", Path.Combine(AppContext.BaseDirectory, "LocalAzure.dll"), .. ours, .. data, .. ports, .. options]) { info.ArgumentList.Add(argument); }
        change?.Invoke(info);
        return new LocalAzureProcess(Process.Start(info)!, state, new IDisposable?[] { folder, alsoOwned }.OfType<IDisposable>().ToArray());
    }

    /// <summary>
    /// Starts it by the README's command, standing in a folder, with the default state. What is run has been built with the tests: a build of its own would write to
    /// files that others are running.
    /// </summary>
    public static LocalAzureProcess LaunchByReadme(TemporaryFolder standing)
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        var info = new ProcessStartInfo(DotnetPath,
        [
            "run", "--project", Path.Combine(Repository.Root!, "src", "LocalAzure"), "--no-build", "-c", configuration,
            "--", "--ports", "auto", "--no-seed", "--parent", Environment.ProcessId.ToString(CultureInfo.InvariantCulture),
        ])
        {
            WorkingDirectory = standing.Path,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        // What the MSBuild of a test run has set is not meant for another.
        foreach (var name in info.Environment.Keys.Where(name => name.StartsWith("MSBuild", StringComparison.OrdinalIgnoreCase)).ToList()) { info.Environment.Remove(name); }
        return new LocalAzureProcess(Process.Start(info)!, standing[".local"], []);
    }

    /// <summary>The dotnet that runs these tests.</summary>
    public static string DotnetPath { get; } = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? Environment.ProcessPath!;

    public async Task UntilReady()
    {
        var first = await Task.WhenAny(ready.Task, process.WaitForExitAsync(), Task.Delay(StartLimit));
        if (first != ready.Task) { throw new InvalidOperationException($"LocalAzure did not get ready: {Errors} {Output}"); }
        Endpoints = JsonSerializer.Deserialize<Endpoints>(await File.ReadAllBytesAsync(Path.Combine(State, "endpoints.json")), JsonSerializerOptions.Web)!;
        App.BaseAddress = new Uri(Endpoints.Functions);
        Local.BaseAddress = new Uri(Endpoints.Local);
    }

    /// <summary>Waits until it has ended by itself.</summary>
    public async Task<int> UntilExit()
    {
        await process.WaitForExitAsync().WaitAsync(StartLimit);
        return process.ExitCode;
    }

    /// <summary>Ends LocalAzure alone, as kill -9 does: its children get no word of it.</summary>
    public async Task KillAlone()
    {
        process.Kill(entireProcessTree: false);
        await process.WaitForExitAsync();
    }

    public async Task<T> Get<T>(string path) => (await Local.GetFromJsonAsync<T>(path))!;

    public async ValueTask DisposeAsync()
    {
        App.Dispose();
        Local.Dispose();
        if (!process.HasExited) { process.Kill(entireProcessTree: true); }
        await process.WaitForExitAsync();
        // After a kill of LocalAzure alone its children are still there, unless a next start has ended them.
        var children = Path.Combine(State, "children.json");
        if (File.Exists(children)) { ChildProcesses.Open(children).Dispose(); }
        process.Dispose();
        foreach (var disposable in owned) { disposable.Dispose(); }
    }

    private void Read(StringBuilder into, string? line)
    {
        if (line is null) { return; }
        lock (into) { into.AppendLine(line); }
        if (line.Contains(Ready, StringComparison.Ordinal)) { ready.TrySetResult(); }
    }
}
