using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using LocalAzure.Azurite;
using LocalAzure.Clock;
using LocalAzure.Faults;
using LocalAzure.FunctionsHost;
using LocalAzure.GitHub;
using LocalAzure.Graph;
using LocalAzure.Identity;
using LocalAzure.KeyVault;
using LocalAzure.Listeners;
using LocalAzure.Mail;
using LocalAzure.ResourceManager;
using LocalAzure.Seed;
using LocalAzure.State;
using LocalAzure.Status;
using LocalAzure.Stripe;
using LocalAzure.Tls;

namespace LocalAzure;

/// <summary>One LocalAzure, from start to end. A process may have several: they share nothing but its console, which each is told to print on.</summary>
internal sealed class LocalCloud : IAsyncDisposable
{
    private static readonly CancellationToken AtOnce = new(canceled: true);

    private readonly TaskCompletionSource<(Endpoints Endpoints, TokenAuthority Tokens)> ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource stop;

    private LocalCloud(CommandLine options, Action<string> print, AzuriteProcess? azurite, CancellationToken cancellation)
    {
        stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Ended = Task.Run(() => Run(options, print, azurite, stop.Token), CancellationToken.None);
    }

    public Endpoints Endpoints => ready.Task.Result.Endpoints;

    /// <summary>Done when everything has been stopped and closed; fails with <see cref="StartRefused"/> when that was not asked for.</summary>
    public Task Ended { get; }

    /// <summary>Starts everything, and returns when it is ready.</summary>
    /// <param name="options">What is asked for.</param>
    /// <param name="print">Is given what a person is to read.</param>
    /// <param name="azurite">Serves the tables, and those of others; null for one of its own.</param>
    /// <param name="cancellation">Ends it at any time.</param>
    public static async Task<LocalCloud> Start(CommandLine options, Action<string> print, AzuriteProcess? azurite = null, CancellationToken cancellation = default)
    {
        var cloud = new LocalCloud(options, print, azurite, cancellation);
        if (await Task.WhenAny(cloud.ready.Task, cloud.Ended) == cloud.ready.Task) { return cloud; }
        await cloud.DisposeAsync();
        throw new OperationCanceledException(cancellation);
    }

    /// <summary>A token of the emulated managed identity.</summary>
    public string Token(string audience) => ready.Task.Result.Tokens.Issue(audience, ManagedIdentityEndpoint.ObjectId).Token;

    /// <summary>Stops everything, and returns when it is closed.</summary>
    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        try { await Ended; }
        finally { stop.Dispose(); }
    }

    private async Task Run(CommandLine options, Action<string> print, AzuriteProcess? shared, CancellationToken stopping)
    {
        var begun = Stopwatch.GetTimestamp();
        var app = FunctionApp.Read(options.App ?? Repository.FunctionsOutput());
        var node = NodeRuntime.Find();
        using var state = StateFolder.Open(options.State);
        using var children = ChildProcesses.Open(state.Children);
        if (options.Reset) { state.Reset(); }
        File.Delete(state.Endpoints);

        using var ports = BoundPorts.Bind(options.Ports);
        using var log = new FileLog(Path.Combine(state.Logs, "local-azure.log"));
        using var logs = LoggerFactory.Create(logging => logging.AddProvider(log));
        using var certificates = LocalCertificates.Open(state.Tls);
        using var clock = TestClock.Open(state.Clock);
        var tokens = TokenAuthority.Open(state.TokenKey);
        var masterKey = MasterKey(state.MasterKey);
        var counts = new RequestCounts();
        var faults = new FaultSet();
        AppHost? running = null;
        await using var emulators = new Emulators(state, ports, clock, tokens, service => new ServiceGate(service, counts, faults, clock, instance => running?.Kill(instance) ?? Task.CompletedTask));
        var opening = emulators.Open(logs);

        var settings = AppSettings.Read(Repository.Root).With(RunningSettings.Of(ports, certificates, state, emulators.Identity!)).With(options.Settings);
        var host = running = new AppHost(app, settings, masterKey, state.Timers, clock, children, logs.CreateLogger("LocalAzure.Host"));
        await using var server = Gateway.Build(ports, certificates, new Dictionary<Service, RequestDelegate>(emulators.Handlers) { [Service.Functions] = host.Handle }, log);
        server.MapGet("/health", () => Results.Json(new { status = "alive" }));
        server.MapClock(clock);
        server.MapRequests(counts);
        server.MapFaults(faults);
        server.MapTokens(tokens, emulators.IdentityGate);
        server.MapGraph(() => emulators.Graph);
        server.MapPermissions(() => emulators.ResourceManager);
        server.MapResourceManager(() => emulators.ResourceManager);
        server.MapVault(() => emulators.KeyVault);
        server.MapHost(host);
        server.MapSecretScanning(state.ScanningKey, ports.Url(Service.Functions) + "/api/webhooks/leaked-keys");
        var outbox = new Outbox(clock);
        server.MapOutbox(outbox);
        server.MapStripe(emulators.StripeGate, emulators.Stripe, clock);
        using var cosmosClient = new HttpClient { BaseAddress = new Uri(ports.Url(Service.Cosmos)) };
        var browser = new CosmosBrowser(cosmosClient, tokens.Issue("https://cosmos.azure.com", ManagedIdentityEndpoint.ObjectId).Token);
        server.MapStatus(new StatusPage(ports, host, clock, faults, counts, () => emulators.KeyVault, browser, state.Logs), browser, host, clock, faults);
        await server.StartAsync(stopping);
        var openingTables = OpenTables();
        try
        {
            // It ends before what it calls: it would only fail and try again.
            await using var ended = host;
            await AllOrFirstFailure(opening, openingTables, host.Start(options.Instances, state.Logs)).WaitAsync(stopping);

            using var keyVault = OwnClient.For(ports.Url(Service.KeyVault), KeyVaultEmulator.Audience, tokens, certificates);
            outbox.Key = await MailSecret.Ensure(keyVault, stopping);
            emulators.Stripe.Key = await StripeKey.Ensure(keyVault, stopping);
            using var functions = new HttpClient { BaseAddress = new Uri(ports.Url(Service.Functions)) };
            var adminKey = await AdminKey.Wait(keyVault, stopping);
            var password = adminKey is null ? null : await AdminAccount.Ensure(functions, adminKey, state.AdminPassword, stopping);
            var endpoints = Endpoints.Of(ports, certificates.AuthorityPath, masterKey, new Endpoints.Administrator(AdminAccount.Email, password, adminKey));
            await host.StartOthers().WaitAsync(stopping);
            if (options.Seed && adminKey is not null) { await Seed(functions, adminKey); }
            host.KeepSchedules();
            counts.Reset();
            endpoints.Write(state.Endpoints);
            Summary.Print(print, endpoints, Stopwatch.GetElapsedTime(begun), state.Path);
            ready.SetResult((endpoints, tokens));

            await (await openingTables).Watch(stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // An end like any other.
        }
        finally
        {
            File.Delete(state.Endpoints);
            await ((Task)openingTables).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (openingTables.IsCompletedSuccessfully) { await openingTables.Result.DisposeAsync(); }
            await server.StopAsync(AtOnce);
        }

        async Task<AzuriteTables> OpenTables()
        {
            var azurite = shared ?? await AzuriteProcess.Start(node, state.Azurite, Path.Combine(state.Logs, "azurite.log"), children, print, stopping);
            var tables = await AzuriteTables.Open(azurite, isOwn: shared is null, state.Azurite, certificates, tokens);
            emulators.TablesGate.Open(tables.Handle);
            return tables;
        }

        async Task Seed(HttpClient functions, string adminKey)
        {
            using var resourceManager = OwnClient.For(ports.Url(Service.ResourceManager), "https://management.azure.com", tokens, certificates);
            await new DemoData(functions, resourceManager, logs.CreateLogger("LocalAzure.Seed")).Ensure(state.Seeded, adminKey, stopping);
        }
    }

    /// <summary>One part that can't start is the end of the start; the others are not waited for.</summary>
    private static async Task AllOrFirstFailure(params IEnumerable<Task> tasks)
    {
        await foreach (var done in Task.WhenEach(tasks)) { await done; }
    }

    /// <summary>The host's master key is kept, so that a script that has it works after a restart too.</summary>
    private static string MasterKey(string path)
    {
        if (!File.Exists(path)) { OwnerOnlyFile.Write(path, Encoding.ASCII.GetBytes(RandomNumberGenerator.GetHexString(40, lowercase: true))); }
        return File.ReadAllText(path);
    }
}
