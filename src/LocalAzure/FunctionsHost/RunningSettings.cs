using LocalAzure.Azurite;
using LocalAzure.GitHub;
using LocalAzure.Identity;
using LocalAzure.Listeners;
using LocalAzure.Mail;
using LocalAzure.State;
using LocalAzure.Stripe;
using LocalAzure.Tls;

namespace LocalAzure.FunctionsHost;

/// <summary>The app settings that only a running LocalAzure knows: where its services are. A deployment sets the same names in Bicep.</summary>
internal static class RunningSettings
{
    public static Dictionary<string, string> Of(BoundPorts ports, LocalCertificates certificates, StateFolder state, ManagedIdentityEndpoint identity) => new()
    {
        ["Cosmos__Endpoint"] = ports.Url(Service.Cosmos),
        ["KeyVault__Uri"] = ports.Url(Service.KeyVault),
        ["Tables__Endpoint"] = $"{ports.Url(Service.Tables)}/{AzuriteTables.Account}",
        ["ResourceManager__Endpoint"] = ports.Url(Service.ResourceManager),
        ["Graph__Endpoint"] = ports.Url(Service.Graph),
        ["Entra__Endpoint"] = ports.Url(Service.Graph),
        ["Azure__TrustedCertificates"] = certificates.AuthorityPath,
        ["Clock__OffsetFile"] = state.Clock,
        ["LeakDesk__PublicKeysUrl"] = ports.Url(Service.Local) + SecretScanning.KeysPath,
        ["Mail__WebhookUrl"] = ports.Url(Service.Local) + OutboxApi.Path,
        ["Stripe__ApiUrl"] = ports.Url(Service.Local) + StripeApi.Path,
        ["IDENTITY_ENDPOINT"] = ports.Url(Service.Local) + TokenApi.Path,
        ["IDENTITY_HEADER"] = identity.Header,
    };
}
