using Azure.Core;
using Microsoft.Azure.Cosmos;

namespace Bench;

/// <summary>LocalAzure's Cosmos DB through the SDK, set up as the product sets it up.</summary>
internal sealed class Cosmos : IDisposable
{
    private readonly CosmosClient client;

    private Cosmos(CosmosClient client) => this.client = client;

    public Container Customers => client.GetContainer("customers", "customers");

    public Container Directory => client.GetContainer("customers", "directory");

    public static async Task<Cosmos> Open(LocalCloud cloud) => new(new CosmosClient(
        cloud.Endpoint("cosmos"),
        new GivenToken(await cloud.Token("https://cosmos.azure.com")),
        new CosmosClientOptions { ConnectionMode = ConnectionMode.Gateway, LimitToEndpoint = true, EnableContentResponseOnWrite = false, GatewayModeMaxConnectionLimit = 64 }));

    public void Dispose() => client.Dispose();

    private sealed class GivenToken(string token) : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) => new(token, TimeProvider.System.GetUtcNow().AddHours(12));

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) => new(GetToken(requestContext, cancellationToken));
    }
}
