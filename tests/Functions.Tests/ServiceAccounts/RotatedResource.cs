using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace CustomerFunctions.Tests.ServiceAccounts;

/// <summary>What the kinds of credential belong to: made in the emulated Azure, and used as its users use it, with signatures of the tests' own making.</summary>
internal static class RotatedResource
{
    public const string ApiCredential = "apiCredential";
    public const string EntraApplication = "entraApplication";
    public const string StorageAccountKeys = "storageAccountKeys";
    public const string CosmosAccountKeys = "cosmosAccountKeys";
    public const string ServiceBusKeys = "serviceBusKeys";
    public const string EventHubKeys = "eventHubKeys";

    public static IReadOnlyList<string> Kinds { get; } = [ApiCredential, EntraApplication, StorageAccountKeys, CosmosAccountKeys, ServiceBusKeys, EventHubKeys];

    /// <summary>A resource group of another subscription.</summary>
    public const string OtherGroup = "/subscriptions/55555555-5555-5555-5555-555555555555/resourceGroups/tests";

    private const string Group = "/subscriptions/44444444-4444-4444-4444-444444444444/resourceGroups/tests";
    private const string BlobVersion = "2021-12-02";

    /// <summary>A new resource of its own and its id; null for our own credentials, which have none.</summary>
    public static async Task<string?> Create(App app, string kind, string group = Group)
    {
        var name = "r" + Guid.NewGuid().ToString("N")[..20];
        if (kind is not (ApiCredential or EntraApplication)) { await app.Arm(HttpMethod.Put, $"{group}?api-version=2021-04-01", new { location = "westeurope" }); }
        return kind switch
        {
            ApiCredential => null,
            EntraApplication => await CreateApplication(app, name),
            StorageAccountKeys => await Put(app, group, $"Microsoft.Storage/storageAccounts/{name}", "2023-05-01", new { location = "westeurope", kind = "StorageV2", sku = new { name = "Standard_LRS" } }),
            CosmosAccountKeys => await Put(app, group, $"Microsoft.DocumentDB/databaseAccounts/{name}", "2024-11-15", new { location = "westeurope", properties = new { databaseAccountOfferType = "Standard", locations = new[] { new { locationName = "westeurope" } } } }),
            ServiceBusKeys => await Put(app, group, $"Microsoft.ServiceBus/namespaces/{name}", "2024-01-01", new { location = "westeurope" }) + "/authorizationRules/RootManageSharedAccessKey",
            _ => await Put(app, group, $"Microsoft.EventHub/namespaces/{name}", "2024-01-01", new { location = "westeurope" }) + "/authorizationRules/RootManageSharedAccessKey",
        };
    }

    public static async Task<string> CreateApplication(App app, string displayName, string signInAudience = "AzureADMyOrg")
    {
        var appId = (string)(await app.Graph(HttpMethod.Post, "applications", new { displayName, signInAudience }))["appId"]!;
        await app.Graph(HttpMethod.Post, "servicePrincipals", new { appId });
        return appId;
    }

    /// <summary>A request that a credential opens.</summary>
    public static HttpRequestMessage Use(App app, string kind, string customerId, string? resourceId, string credential, DateTimeOffset now) => kind switch
    {
        ApiCredential => new HttpRequestMessage(HttpMethod.Get, $"{app.Cloud.Endpoint("functions")}/api/customers/{customerId}") { Headers = { { "Authorization", $"Bearer {credential}" } } },
        EntraApplication => SignIn(app, resourceId!, credential),
        StorageAccountKeys => ListContainers(app, resourceId!.Split('/')[^1], credential, now),
        CosmosAccountKeys => GetCosmosAccount(app, resourceId!.Split('/')[^1], credential, now),
        ServiceBusKeys => ListEntities(app, $"servicebus/{resourceId!.Split('/')[^3]}", "queues", credential, now),
        _ => ListEntities(app, $"eventhubs/{resourceId!.Split('/')[^3]}", "eventhubs", credential, now),
    };

    private static async Task<string> Put(App app, string group, string path, string apiVersion, object body)
    {
        await app.Arm(HttpMethod.Put, $"{group}/providers/{path}?api-version={apiVersion}", body);
        return $"{group}/providers/{path}";
    }

    /// <summary>By the query, these and the app's own requests can be told apart.</summary>
    private static HttpRequestMessage SignIn(App app, string appId, string secret) => new(HttpMethod.Post, $"{app.Cloud.Endpoint("graph")}/11111111-1111-1111-1111-111111111111/oauth2/v2.0/token?by=test")
    {
        Content = new FormUrlEncodedContent(new Dictionary<string, string> { ["grant_type"] = "client_credentials", ["client_id"] = appId, ["client_secret"] = secret, ["scope"] = "https://vault.azure.net/.default" }),
    };

    /// <summary>Lists containers, signed as "Authorize with Shared Key" says; an emulated account's name stands in its path.</summary>
    private static HttpRequestMessage ListContainers(App app, string name, string key, DateTimeOffset now)
    {
        var date = now.ToString("R", CultureInfo.InvariantCulture);
        var text = $"GET\n\n\n\n\n\n\n\n\n\n\n\nx-ms-date:{date}\nx-ms-version:{BlobVersion}\n/{name}/{name}/\ncomp:list";
        return new HttpRequestMessage(HttpMethod.Get, $"{app.Cloud.Endpoint("blob")}/{name}/?comp=list")
        {
            Headers = { { "x-ms-date", date }, { "x-ms-version", BlobVersion }, { "Authorization", $"SharedKey {name}:{Hmac(Convert.FromBase64String(key), text)}" } },
        };
    }

    private static HttpRequestMessage GetCosmosAccount(App app, string name, string key, DateTimeOffset now)
    {
        var date = now.ToString("R", CultureInfo.InvariantCulture);
        var request = new HttpRequestMessage(HttpMethod.Get, $"{app.Cloud.Endpoint("dataPlanes")}/cosmos/{name}/?by=test") { Headers = { { "x-ms-date", date }, { "x-ms-version", "2018-12-31" } } };
        request.Headers.TryAddWithoutValidation("Authorization", Uri.EscapeDataString($"type=master&ver=1.0&sig={Hmac(Convert.FromBase64String(key), $"get\n\n\n{date.ToLowerInvariant()}\n\n")}"));
        return request;
    }

    private static HttpRequestMessage ListEntities(App app, string path, string entities, string key, DateTimeOffset now)
    {
        var url = $"{app.Cloud.Endpoint("dataPlanes")}/{path}/$Resources/{entities}";
        var (audience, expires) = (Uri.EscapeDataString(url), now.AddMinutes(20).ToUnixTimeSeconds());
        var request = new HttpRequestMessage(HttpMethod.Get, $"{url}?api-version=2017-04&by=test");
        var signature = Uri.EscapeDataString(Hmac(Encoding.UTF8.GetBytes(key), $"{audience}\n{expires}"));
        request.Headers.TryAddWithoutValidation("Authorization", $"SharedAccessSignature sr={audience}&sig={signature}&se={expires}&skn=RootManageSharedAccessKey");
        return request;
    }

    private static string Hmac(byte[] key, string text) => Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)));
}
