using System.Text.Json;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Azure.Security.KeyVault.Secrets;
using LocalAzure.Tests.Tls;
using Microsoft.Azure.Cosmos;

namespace LocalAzure.Tests.Sdks;

/// <summary>One LocalAzure for the sessions of all SDKs, and the .NET clients pointed at it.</summary>
public sealed class SdkHost : IAsyncLifetime, IDisposable
{
    private LocalAzureProcess cloud = null!;
    private HttpClient http = null!;
    private LocalToken token = null!;

    internal LocalAzureProcess Cloud => cloud;

    public CosmosClient Cosmos { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        cloud = await LocalAzureProcess.Start();
        http = new HttpClient(LoopbackServer.Trusting(cloud.Endpoints.CaCertificate));
        token = new LocalToken(cloud.Local);
        Cosmos = NewCosmos();
        // As in Azure, a vault is protected against purging unless its owner says otherwise.
        using var unprotected = new StringContent("""{"purgeProtection":false}""", System.Text.Encoding.UTF8, "application/json");
        (await cloud.Local.PutAsync("vault", unprotected)).EnsureSuccessStatusCode();
    }

    public async Task DisposeAsync()
    {
        Dispose();
        await cloud.DisposeAsync();
    }

    public void Dispose()
    {
        Cosmos.Dispose();
        http.Dispose();
    }

    /// <summary>Over TLS, as every SDK but .NET's insists on; endpoints.json names the plain address of the same port.</summary>
    public CosmosClient NewCosmos(bool bulk = false) =>
        new(cloud.Endpoints.Cosmos.Replace("http:", "https:", StringComparison.Ordinal), token, new CosmosClientOptions
        {
            ConnectionMode = ConnectionMode.Gateway,
            AllowBulkExecution = bulk,
            HttpClientFactory = () => new HttpClient(LoopbackServer.Trusting(cloud.Endpoints.CaCertificate)),
            CosmosClientTelemetryOptions = new CosmosClientTelemetryOptions { DisableSendingMetricsToService = true },
        });

    public SecretClient NewSecrets() => new(new Uri(cloud.Endpoints.KeyVault), token, new SecretClientOptions
    {
        DisableChallengeResourceVerification = true,
        Transport = new HttpClientTransport(http),
    });

    public TableServiceClient NewTables() => new(new Uri(cloud.Endpoints.Tables), token, new TableClientOptions
    {
        // The SDK takes the audience from the host's name and holds "localhost" for Cosmos DB.
        Audience = new TableAudience("https://storage.azure.com"),
        Transport = new HttpClientTransport(http),
    });

    /// <summary>Asks LocalAzure's own API for tokens.</summary>
    private sealed class LocalToken(HttpClient local) : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext request, CancellationToken cancellation) =>
            throw new NotSupportedException("The sessions are asynchronous.");

        public override async ValueTask<AccessToken> GetTokenAsync(TokenRequestContext request, CancellationToken cancellation)
        {
            var audience = request.Scopes.Single().Replace("/.default", "", StringComparison.Ordinal);
            var answer = JsonDocument.Parse(await local.GetStringAsync($"token?audience={Uri.EscapeDataString(audience)}", cancellation)).RootElement;
            return new AccessToken(answer.GetProperty("token").GetString()!, answer.GetProperty("expiresOn").GetDateTimeOffset());
        }
    }
}
