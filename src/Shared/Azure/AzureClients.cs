using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Azure.Identity;
using Azure.ResourceManager;
using Azure.Security.KeyVault.Secrets;
using Microsoft.Azure.Cosmos;

namespace CustomerFunctions.Shared.Azure;

/// <summary>
/// The only place that constructs Azure SDK clients. Each is built on first use and once: a start builds none, and the first request builds only what it needs.
/// All share one HTTP transport and one credential, so connections and tokens are shared too.
/// </summary>
public sealed class AzureClients : IDisposable
{
    /// <summary>How long one call may take, SDK retries not counted. Well under the request deadline, so that a retry still has room.</summary>
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(4);

    /// <summary>Whom tokens for Azure Storage are for.</summary>
    public const string StorageAudience = "https://storage.azure.com";

    private readonly AzureSettings settings;
    private readonly Lazy<HttpMessageHandler> handler;
    private readonly Lazy<HttpClient> http;
    private readonly Lazy<TokenCredential> credential;
    private readonly Lazy<CosmosClient> cosmos;
    private readonly Lazy<SecretClient> secrets;
    private readonly Lazy<ArmClient> resourceManager;
    private readonly Lazy<TableServiceClient> tables;
    private readonly Lazy<HttpPipeline> graph;

    /// <param name="settings">Where the services are.</param>
    /// <param name="credential">Whom to be; null for the identity that the platform gives this app.</param>
    /// <param name="clock">This instance's clock; null for the system's.</param>
    /// <param name="wire">What carries every HTTP request; null for connections of its own.</param>
    /// <param name="database">Cosmos DB; null for a client of its own.</param>
    public AzureClients(
        AzureSettings settings, TokenCredential? credential = null, TimeProvider? clock = null, HttpMessageHandler? wire = null, CosmosClient? database = null)
    {
        this.settings = settings;
        Clock = new ClockWatch(clock ?? TimeProvider.System);
        handler = wire is null ? new(() => Handler(settings.TrustedCertificates)) : new(wire);
        http = new(() => NewHttpClient(handler.Value));
        this.credential = credential is null ? new(CreateCredential) : new(credential);
        cosmos = database is null ? new(CreateCosmos) : new(database);
        secrets = new(CreateSecrets);
        resourceManager = new(CreateResourceManager);
        tables = new(CreateTables);
        graph = new(CreateGraph);
    }

    public Database Database => cosmos.Value.GetDatabase(settings.CosmosDatabase);

    /// <summary>How this instance's clock compares with Cosmos DB's.</summary>
    public ClockWatch Clock { get; }

    public SecretClient Secrets => secrets.Value;

    public ArmClient ResourceManager => resourceManager.Value;

    public TableClient Table(string name) => tables.Value.GetTableClient(name);

    public GraphClient Graph => new(settings.GraphEndpoint, graph.Value);

    /// <summary>For data planes without an SDK here (trying a storage key): the shared connections, no credential of ours attached.</summary>
    public HttpClient Http => http.Value;

    public TokenCredential Credential => credential.Value;

    public AzureSettings Settings => settings;

    /// <summary>Asks a service that has no SDK client here for its root, as this identity; any answer but a failure of the service itself is reached.</summary>
    public async Task Reach(Uri endpoint, string audience, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, endpoint);
        var token = await Credential.GetTokenAsync(new TokenRequestContext([$"{audience}/.default"]), cancellation);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.Token);
        using var response = await Http.SendAsync(request, cancellation);
        if (response.StatusCode == HttpStatusCode.TooManyRequests || (int)response.StatusCode >= 500) { response.EnsureSuccessStatusCode(); }
    }

    /// <summary>
    /// Cosmos DB in gateway mode: one port, HTTP only, the fastest first request for a short-lived instance, and the same wire locally and in the cloud.
    /// </summary>
    private CosmosClient CreateCosmos() => new(settings.CosmosEndpoint.ToString(), Credential, new CosmosClientOptions
    {
        ConnectionMode = ConnectionMode.Gateway,
        ApplicationName = "CustomerFunctions",
        LimitToEndpoint = true,
        RequestTimeout = CallTimeout,
        MaxRetryAttemptsOnRateLimitedRequests = 4,
        MaxRetryWaitTimeOnRateLimitedRequests = TimeSpan.FromSeconds(5),
        // The SDK sets properties of the client it is given, so it gets one of its own; the connections below are the shared ones.
        HttpClientFactory = () => NewHttpClient(Clock.Watching(handler.Value)),
        EnableContentResponseOnWrite = false,
    });

    private SecretClient CreateSecrets() => new(settings.KeyVaultUri, Credential, WithTransport(new SecretClientOptions
    {
        RetryPolicy = new PatientRetryPolicy(),
        // The SDK refuses a challenge whose resource is not the vault's own domain. A vault outside the public domains has to be trusted by its certificate instead.
        DisableChallengeResourceVerification = !settings.KeyVaultUri.Host.Contains(".vault.", StringComparison.Ordinal),
    }));

    private ArmClient CreateResourceManager() => new(Credential, defaultSubscriptionId: null, WithTransport(new ArmClientOptions
    {
        RetryPolicy = new PatientRetryPolicy(),
        Environment = new ArmEnvironment(settings.ResourceManagerEndpoint, settings.ResourceManagerAudience),
    }));

    private TableServiceClient CreateTables() => new(settings.TablesEndpoint, Credential, WithTransport(new TableClientOptions
    {
        // The SDK takes the audience from the host's name, and an account outside the public domains for one of Cosmos DB.
        Audience = new TableAudience(StorageAudience),
    }));

    private HttpPipeline CreateGraph() =>
        HttpPipelineBuilder.Build(WithTransport(new GraphClientOptions()), new BearerTokenAuthenticationPolicy(Credential, $"{GraphClient.Audience}/.default"));

    /// <summary>
    /// In the cloud the managed identity and nothing else: the platform says that there is one by IDENTITY_ENDPOINT. A developer's own sign-ins, which would be tried
    /// and fail one after another, count only where there is none.
    /// </summary>
    private TokenCredential CreateCredential()
    {
        if (Environment.GetEnvironmentVariable("IDENTITY_ENDPOINT") is { Length: > 0 })
        {
            var identity = settings.ClientId is { } id ? ManagedIdentityId.FromUserAssignedClientId(id) : ManagedIdentityId.SystemAssigned;
            return new ManagedIdentityCredential(WithTransport(new ManagedIdentityCredentialOptions(identity)));
        }
        return new DefaultAzureCredential(WithTransport(new DefaultAzureCredentialOptions
        {
            ManagedIdentityClientId = settings.ClientId,
            ExcludeInteractiveBrowserCredential = true,
        }));
    }

    private T WithTransport<T>(T options)
        where T : ClientOptions
    {
        options.Transport = new HttpClientTransport(Http);
        options.Retry.Mode = RetryMode.Exponential;
        options.Retry.MaxRetries = 3;
        options.Retry.Delay = TimeSpan.FromMilliseconds(200);
        options.Retry.MaxDelay = TimeSpan.FromSeconds(2);
        options.Retry.NetworkTimeout = CallTimeout;
        return options;
    }

    private static HttpClient NewHttpClient(HttpMessageHandler connections) => new(connections, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };

    private static SocketsHttpHandler Handler(string? trustedCertificates)
    {
        var handler = new SocketsHttpHandler
        {
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            ConnectTimeout = TimeSpan.FromSeconds(2),
            AllowAutoRedirect = false,
            UseCookies = false,
        };
        if (trustedCertificates is not null) { handler.SslOptions.CertificateChainPolicy = TrustOnly(trustedCertificates); }
        return handler;
    }

    private static X509ChainPolicy TrustOnly(string pemFile)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(pemFile);
        return policy;
    }

    public void Dispose()
    {
        if (cosmos.IsValueCreated) { cosmos.Value.Dispose(); }
        if (handler.IsValueCreated) { handler.Value.Dispose(); }
    }

    private sealed class GraphClientOptions : ClientOptions;
}
