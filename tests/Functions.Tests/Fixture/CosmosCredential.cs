using Azure.Core;

namespace CustomerFunctions.Tests.Fixture;

/// <summary>The emulated managed identity, for the Cosmos DB SDK in the test's own process.</summary>
internal sealed class CosmosCredential(LocalCloud cloud) : TokenCredential
{
    public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
        new(cloud.Token("https://cosmos.azure.com"), TimeProvider.System.GetUtcNow().AddMinutes(5));

    public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) => new(GetToken(requestContext, cancellationToken));
}
