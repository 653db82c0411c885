namespace CustomerFunctions.Shared.Azure;

/// <summary>Where the backing services are. Everything else about them is the SDKs' business and the managed identity's.</summary>
/// <param name="CosmosEndpoint"><c>Cosmos__Endpoint</c>: the Cosmos DB account's URL.</param>
/// <param name="CosmosDatabase"><c>Cosmos__Database</c>: the database's name.</param>
/// <param name="KeyVaultUri"><c>KeyVault__Uri</c>: the Key Vault's URL.</param>
/// <param name="TablesEndpoint"><c>Tables__Endpoint</c>: the table endpoint of the audit log's storage account.</param>
/// <param name="ResourceManagerEndpoint"><c>ResourceManager__Endpoint</c>: Azure Resource Manager of this cloud.</param>
/// <param name="ResourceManagerAudience"><c>ResourceManager__Audience</c>: what tokens for it are asked for.</param>
/// <param name="ClientId"><c>AZURE_CLIENT_ID</c>: the user-assigned identity to be; without it the system-assigned one.</param>
/// <param name="TrustedCertificates"><c>Azure__TrustedCertificates</c>: a PEM file of certificate authorities to trust for these services instead of the machine's own.</param>
public sealed record AzureSettings(
    Uri CosmosEndpoint,
    string CosmosDatabase,
    Uri KeyVaultUri,
    Uri TablesEndpoint,
    Uri ResourceManagerEndpoint,
    string ResourceManagerAudience,
    string? ClientId,
    string? TrustedCertificates)
{
    /// <summary><c>Graph__Endpoint</c>: Microsoft Graph of this cloud.</summary>
    public Uri GraphEndpoint { get; init; } = new("https://graph.microsoft.com");

    /// <summary><c>Entra__Endpoint</c>: where applications sign in in this cloud.</summary>
    public Uri EntraEndpoint { get; init; } = new("https://login.microsoftonline.com");
}
