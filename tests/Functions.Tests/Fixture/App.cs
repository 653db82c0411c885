using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;

namespace CustomerFunctions.Tests.Fixture;

/// <summary>The app as its users meet it, on a LocalAzure. <see cref="Shared"/> for tests that only add data of their own; <see cref="Start"/> for those that move the clock, inject faults or run timers.</summary>
internal sealed class App : IAsyncDisposable
{
    private static readonly Lazy<Task<App>> SharedApp = new(() => Start());
    private const string StorageGroup = "/subscriptions/44444444-4444-4444-4444-444444444444/resourceGroups/tests";
    private static int counter;
    private static readonly Lock DescriptionGate = new();
    private static Task<ApiDescription>? description;

    private App(LocalCloud cloud)
    {
        Cloud = cloud;
        Data = new StoredData(cloud);
        Azure = new HttpClient(Trusting(cloud.Endpoint("caCertificate")));
        Admin = Caller(AdminKey);
    }

    public LocalCloud Cloud { get; }

    public string AdminKey => (string)Cloud.Endpoints["admin"]!["apiKey"]!;

    /// <summary>Calls with the bootstrap administrator's key.</summary>
    public Api Admin { get; }

    /// <summary>What is stored.</summary>
    public StoredData Data { get; }

    /// <summary>A client for the emulated Azure services, trusting LocalAzure's certificate authority.</summary>
    public HttpClient Azure { get; }

    /// <summary>One environment for the whole test run; it ends with the test process.</summary>
    public static Task<App> Shared => SharedApp.Value;

    public static async Task<App> Start(params string[] arguments) => new(await LocalCloud.Start(arguments));

    /// <summary>An environment whose timers only run when a test says so.</summary>
    public static Task<App> StartWithoutSchedules(params string[] arguments) =>
        Start([.. arguments, "--setting", "AzureWebJobs.RotateServiceAccountKeys.Disabled=true", "--setting", "AzureWebJobs.ExpireTrials.Disabled=true", "--setting", "AzureWebJobs.PurgeCustomers.Disabled=true", "--setting", "AzureWebJobs.SettleServiceAccounts.Disabled=true", "--setting", "AzureWebJobs.FollowCustomerStanding.Disabled=true", "--setting", "AzureWebJobs.AuditServiceAccountPermissions.Disabled=true", "--setting", "AzureWebJobs.WriteAuditEvents.Disabled=true", "--setting", "AzureWebJobs.PurgeAuditEvents.Disabled=true", "--setting", "AzureWebJobs.SendMail.Disabled=true", "--setting", "AzureWebJobs.SendWebhooks.Disabled=true", "--setting", "AzureWebJobs.SettleSubscriptions.Disabled=true", "--setting", "AzureWebJobs.ReconcileStripeEvents.Disabled=true", "--setting", "AzureWebJobs.CountUsage.Disabled=true", "--setting", "AzureWebJobs.RollUsageMonths.Disabled=true"]);

    /// <summary>An address that no other test uses.</summary>
    public static string NewEmail() => string.Create(CultureInfo.InvariantCulture, $"person{Interlocked.Increment(ref counter)}.{Guid.NewGuid():N}@example.com");

    /// <summary>Calls with a key, or with none.</summary>
    public Api Caller(string? key) => CallerAt(Cloud.Endpoint("functions"), key);

    /// <summary>Calls one instance of the app, past the host.</summary>
    public async Task<Api> CallerOf(int instance, string? key) => CallerAt(await UrlOf(instance), key);

    /// <summary>Where one instance of the app listens.</summary>
    public async Task<string> UrlOf(int instance) => $"http://127.0.0.1:{(await Cloud.Instances())[instance]!["port"]}";

    /// <summary>The OpenAPI document. Every environment runs the same app, so one of them is asked once.</summary>
    public Task<ApiDescription> Description
    {
        get { lock (DescriptionGate) { return description is { IsFaulted: false } ? description : description = ReadDescription(); } }
    }

    /// <summary>The bootstrap administrator at one instance: who is to end with it must be served by it.</summary>
    public Task<Api> AdminAt(int instance) => CallerOf(instance, (string)Cloud.Endpoints["admin"]!["apiKey"]!);

    public async Task<JsonObject> CreateCustomer(string? email = null, string name = "Ada Lovelace") =>
        (await Admin.Post("/api/customers", new { name, email = email ?? NewEmail() })).ShouldBe(201).Object;

    /// <summary>A new API key of a customer, as its value.</summary>
    public async Task<string> CreateApiKey(string customerId, string name = "ci") =>
        (string)(await Admin.Post($"/api/customers/{customerId}/api-keys", new { name })).ShouldBe(201)["key"]!;

    public async Task<JsonObject> CreateServiceAccount(string customerId, string name = "deploy", object? rotation = null) =>
        (await Admin.Post($"/api/customers/{customerId}/service-accounts", new { name, kind = "apiCredential", rotation })).ShouldBe(201).Object;

    /// <summary>Makes a storage account in the emulated Resource Manager and returns its resource id.</summary>
    public Task<string> CreateStorageAccount() => PutStorageAccount("st" + Guid.NewGuid().ToString("N")[..20]);

    public async Task<string> PutStorageAccount(string name)
    {
        await Arm(HttpMethod.Put, $"{StorageGroup}?api-version=2021-04-01", new { location = "westeurope" });
        await Arm(HttpMethod.Put, $"{StorageAccountId(name)}?api-version=2023-05-01", new { location = "westeurope", kind = "StorageV2", sku = new { name = "Standard_LRS" }, properties = new { } });
        return StorageAccountId(name);
    }

    public Task DeleteStorageAccount(string name) => Arm(HttpMethod.Delete, $"{StorageAccountId(name)}?api-version=2023-05-01");

    private static string StorageAccountId(string name) => $"{StorageGroup}/providers/Microsoft.Storage/storageAccounts/{name}";

    public async Task<JsonObject> CreateStorageServiceAccount(string customerId, string resourceId, string name = "storage", object? rotation = null) =>
        (await Admin.Post($"/api/customers/{customerId}/service-accounts", new { name, kind = "storageAccountKeys", resourceId, rotation })).ShouldBe(201).Object;

    public Task<JsonObject> Arm(HttpMethod method, string path, object? body = null) => Send(method, Cloud.Endpoint("resourceManager") + path, "https://management.azure.com", body);

    /// <summary>What the app may do at a scope of Resource Manager and below it from now on.</summary>
    public async Task May(string scope, IEnumerable<string> actions, params string[] notActions) =>
        (await Cloud.Local.PutAsJsonAsync("/permissions", new { scope, actions, notActions })).EnsureSuccessStatusCode();

    /// <summary>The app may do everything again.</summary>
    public async Task MayEverything() => (await Cloud.Local.DeleteAsync("/permissions")).EnsureSuccessStatusCode();

    /// <summary>A request to the emulated Microsoft Graph, below v1.0.</summary>
    public Task<JsonObject> Graph(HttpMethod method, string path, object? body = null) => Send(method, $"{Cloud.Endpoint("graph")}/v1.0/{path}", "https://graph.microsoft.com", body);

    private async Task<JsonObject> Send(HttpMethod method, string url, string audience, object? body)
    {
        using var request = new HttpRequestMessage(method, url);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Cloud.Token(audience));
        if (body is not null) { request.Content = JsonContent.Create(body); }
        using var response = await Azure.SendAsync(request);
        response.EnsureSuccessStatusCode();
        return response.Content.Headers.ContentLength is 0 || response.StatusCode == System.Net.HttpStatusCode.NoContent ? [] : (await response.Content.ReadFromJsonAsync<JsonObject>())!;
    }

    /// <summary>What a consumer that reads the current secret gets: the newest version's value.</summary>
    public async Task<string> CurrentSecret(string secretName) => (string)(await Secret(secretName))["value"]!;

    /// <summary>A secret's newest version, whole.</summary>
    public async Task<JsonObject> Secret(string secretName, string version = "")
    {
        using var request = ToVault(HttpMethod.Get, $"/secrets/{secretName}/{version}");
        using var response = await Azure.SendAsync(request);
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<JsonObject>())!;
    }

    /// <summary>A request to Key Vault; with api-version 7.5 when the path names none.</summary>
    public HttpRequestMessage ToVault(HttpMethod method, string path, object? body = null)
    {
        var version = path.Contains("api-version=", StringComparison.Ordinal) ? "" : (path.Contains('?', StringComparison.Ordinal) ? "&" : "?") + "api-version=7.5";
        return new HttpRequestMessage(method, Cloud.Endpoint("keyVault") + path + version)
        {
            Headers = { Authorization = new AuthenticationHeaderValue("Bearer", Cloud.Token("https://vault.azure.net")) },
            Content = body is null ? null : JsonContent.Create(body),
        };
    }

    /// <summary>A document as it is stored.</summary>
    public async Task<JsonObject> ReadDocument(string container, string partition, string id)
    {
        using var request = ToCosmos(HttpMethod.Get, container, partition, id);
        using var response = await Azure.SendAsync(request);
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<JsonObject>())!;
    }

    public async Task DeleteDocument(string container, string partition, string id)
    {
        using var request = ToCosmos(HttpMethod.Delete, container, partition, id);
        (await Azure.SendAsync(request)).EnsureSuccessStatusCode();
    }

    private HttpRequestMessage ToCosmos(HttpMethod method, string container, string partition, string id)
    {
        var request = new HttpRequestMessage(method, $"{Cloud.Endpoint("cosmos")}/dbs/customers/colls/{container}/docs/{id}?by=test");
        request.Headers.TryAddWithoutValidation("authorization", Uri.EscapeDataString($"type=aad&ver=1.0&sig={Cloud.Token("https://cosmos.azure.com")}"));
        request.Headers.Add("x-ms-version", "2018-12-31");
        request.Headers.Add("x-ms-date", TimeProvider.System.GetUtcNow().ToString("R", CultureInfo.InvariantCulture));
        request.Headers.Add("x-ms-documentdb-partitionkey", $"[\"{partition}\"]");
        return request;
    }

    public ValueTask DisposeAsync()
    {
        Azure.Dispose();
        Data.Dispose();
        return Cloud.DisposeAsync();
    }

    private Api CallerAt(string url, string? key) => new(url, key, this);

    private async Task<ApiDescription> ReadDescription()
    {
        using var http = new HttpClient();
        ApiDescription? read = null;
        // The app makes the document once. On a machine that is busy with other tests that may take longer than a request has.
        await Eventually.True(async () =>
        {
            try { read = new ApiDescription((await http.GetFromJsonAsync<JsonObject>(Cloud.Endpoint("functions") + "/api/openapi/v1.json"))!); }
            catch (Exception e) when (e is HttpRequestException or IOException) { }
            return read is not null;
        }, TimeSpan.FromSeconds(60), "the OpenAPI document is served");
        return read!;
    }

    private static SocketsHttpHandler Trusting(string certificateFile)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(certificateFile);
        return new SocketsHttpHandler { SslOptions = { CertificateChainPolicy = policy } };
    }
}
