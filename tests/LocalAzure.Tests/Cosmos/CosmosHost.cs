using Azure.Core;
using LocalAzure.Clock;
using LocalAzure.Cosmos;
using LocalAzure.Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace LocalAzure.Tests.Cosmos;

/// <summary>A Cosmos DB emulator behind Kestrel on a free port, or the account that is named instead (<see cref="Elsewhere"/>), and the real SDK pointed at it.</summary>
public sealed class CosmosHost : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("local-azure-cosmos-").FullName;
    private readonly TokenAuthority tokens;
    private WebApplication? app;
    private CosmosEmulator? emulator;

    public CosmosHost()
    {
        tokens = TokenAuthority.Open(Path.Combine(folder, "tokens.key"));
        Clock = TestClock.Open(Path.Combine(folder, "clock"));
    }

    internal TestClock Clock { get; }
    internal string StateDirectory => Directory.CreateDirectory(Path.Combine(folder, "cosmos")).FullName;
    internal CosmosEmulator Emulator => emulator!;
    public Uri Endpoint { get; private set; } = null!;
    public CosmosClient Client { get; private set; } = null!;
    public Database Database { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        await Start();
        Database = await Client.CreateDatabaseAsync($"db-{Guid.NewGuid():N}");
    }

    public async Task DisposeAsync()
    {
        if (Elsewhere.Account is not null) { await Database.DeleteAsync(); }
        await Stop();
        Clock.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Closes the emulator and opens it again on the same state.</summary>
    public async Task Restart()
    {
        var database = Database.Id;
        await Stop();
        await Start();
        Database = Client.GetDatabase(database);
    }

    public async Task<Container> NewContainer(string partitionKey = "/pk", Action<ContainerProperties>? configure = null, int? throughput = null)
    {
        var properties = new ContainerProperties($"c-{Guid.NewGuid():N}", partitionKey);
        configure?.Invoke(properties);
        return await Database.CreateContainerAsync(properties, throughput);
    }

    public string Token(string? audience = null) => tokens.Issue(audience ?? Endpoint.GetLeftPart(UriPartial.Authority), "00000000-0000-0000-0000-000000000001").Token;

    public CosmosClient NewClient(Action<CosmosClientOptions>? configure = null)
    {
        var options = new CosmosClientOptions
        {
            ConnectionMode = ConnectionMode.Gateway,
            MaxRetryAttemptsOnRateLimitedRequests = 0,
            CosmosClientTelemetryOptions = new CosmosClientTelemetryOptions { DisableSendingMetricsToService = true },
        };
        configure?.Invoke(options);
        return Elsewhere.Account is { } account ? account.NewClient(options) : new CosmosClient(Endpoint.ToString(), new Credential(tokens), options);
    }

    /// <summary>
    /// Sends a request as no SDK would. Headers as <c>name: value|name: value</c>; every request names the partition "a", unless a leading '-' takes
    /// that away.
    /// </summary>
    public async Task<HttpResponseMessage> Send(HttpMethod method, string path, string? headers = null, string? body = null)
    {
        const string Key = "x-ms-documentdb-partitionkey";
        using var http = NewHttp();
        using var request = new HttpRequestMessage(method, path);
        Authorize(request);
        request.Headers.TryAddWithoutValidation(Key, """["a"]""");
        foreach (var header in headers?.Split('|') ?? [])
        {
            if (header[0] == '-') { request.Headers.Remove(header[1..]); continue; }
            var (name, value) = (header.Split(": ")[0], header.Split(": ", 2)[1]);
            if (name == Key) { request.Headers.Remove(Key); }
            request.Headers.TryAddWithoutValidation(name, value);
        }
        if (body is not null) { request.Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json"); }
        return await http.SendAsync(request);
    }

    public HttpClient NewHttp() => Elsewhere.Account?.NewHttp() ?? new HttpClient { BaseAddress = Endpoint };

    public void Authorize(HttpRequestMessage request)
    {
        if (Elsewhere.Account is { } account) { account.Authorize(request); return; }
        request.Headers.TryAddWithoutValidation("authorization", Uri.EscapeDataString($"type=aad&ver=1.0&sig={Token()}"));
    }

    private async Task Start()
    {
        if (Elsewhere.Account is { } account)
        {
            (Endpoint, Client) = (account.Endpoint, NewClient());
            return;
        }
        emulator = CosmosEmulator.Open(new EmulatorEnvironment(StateDirectory, Clock, tokens, NullLogger.Instance));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        app = builder.Build();
        app.Run(emulator.Handle);
        await app.StartAsync();
        Endpoint = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        Client = NewClient();
    }

    private async Task Stop()
    {
        Client.Dispose();
        if (app is not null) { await app.DisposeAsync(); }
        if (emulator is not null) { await emulator.DisposeAsync(); }
    }

    private sealed class Credential(TokenAuthority tokens) : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext request, CancellationToken cancellation)
        {
            var (token, expires) = tokens.Issue(request.Scopes[0].Replace("/.default", "", StringComparison.Ordinal), "00000000-0000-0000-0000-000000000001");
            return new AccessToken(token, expires);
        }

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext request, CancellationToken cancellation) => new(GetToken(request, cancellation));
    }
}
