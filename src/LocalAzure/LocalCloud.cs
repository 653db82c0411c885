using System.Diagnostics;
using System.Security.Cryptography;
using LocalAzure.Clock;
using LocalAzure.Faults;
using LocalAzure.FunctionsHost;
using LocalAzure.Identity;
using LocalAzure.Listeners;
using LocalAzure.State;
using LocalAzure.Tls;

namespace LocalAzure;

/// <summary>One LocalAzure, from start to end.</summary>
internal static class LocalCloud
{
    public static async Task Run(CommandLine options)
    {
        var begun = Stopwatch.GetTimestamp();
        using var state = StateFolder.Open(options.State);
        using var children = ChildProcesses.Open(state.Children);
        if (options.Reset) { state.Reset(); }
        File.Delete(state.Endpoints);

        using var ports = BoundPorts.Bind(options.Ports);
        using var log = new FileLog(Path.Combine(state.Logs, "local-azure.log"));
        using var certificates = LocalCertificates.Open(state.Tls);
        using var clock = TestClock.Open(state.Clock);
        var tokens = TokenAuthority.Open(state.TokenKey);
        var counts = new RequestCounts();
        await using var emulators = new Emulators(state, ports, clock, tokens, counts);

        var app = FunctionApp.Read(options.App ?? Repository.FunctionsOutput());
        var masterKey = MasterKey(state.MasterKey);
        using var logs = LoggerFactory.Create(logging => logging.AddProvider(log));
        var opening = emulators.Open(logs);
        var settings = AppSettings.Read(Repository.Root).With(RunningSettings.Of(ports, certificates, state, emulators.Identity!)).With(options.Settings);
        using var host = new AppHost(app, settings, masterKey, state.Timers, clock, children, logs.CreateLogger("LocalAzure.Host"));

        var services = new Dictionary<Service, RequestDelegate>(emulators.Handlers) { [Service.Functions] = host.Handle };
        await using var server = Gateway.Build(ports, certificates, services, log);
        server.MapClock(clock);
        server.MapRequests(counts);
        server.MapHost(host);
        server.MapTokens(tokens, emulators.IdentityGate);
        await server.StartAsync();

        var stopping = server.Lifetime.ApplicationStopping;
        using var parent = ParentWatch.Start(options.Parent, server.Lifetime);
        try
        {
            await Task.WhenAll(opening, host.Start(options.Instances, state.Logs)).WaitAsync(stopping);
            host.KeepSchedules();
            var endpoints = Endpoints.Of(ports, "devstoreaccount1", certificates.AuthorityPath, masterKey, adminKey: null);
            endpoints.Write(state.Endpoints);
            Summary.Print(endpoints, Stopwatch.GetElapsedTime(begun), state.Path);
            await Task.Delay(Timeout.InfiniteTimeSpan, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Ctrl-C, SIGTERM or the end of the parent: an end like any other.
        }
        finally
        {
            File.Delete(state.Endpoints);
        }
    }

    /// <summary>The host's master key is kept, so that a script that has it works after a restart too.</summary>
    private static string MasterKey(string path)
    {
        if (!File.Exists(path)) { OwnerOnlyFile.Write(path, System.Text.Encoding.ASCII.GetBytes(RandomNumberGenerator.GetHexString(40, lowercase: true))); }
        return File.ReadAllText(path);
    }
}
