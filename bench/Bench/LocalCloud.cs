using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;

namespace Bench;

/// <summary>A LocalAzure of this run's own: on free ports, with its state in a temporary folder, its timers at rest.</summary>
internal sealed class LocalCloud : IAsyncDisposable
{
    private static readonly string[] Timers =
    [
        "RotateServiceAccountKeys", "ExpireTrials", "PurgeCustomers", "SettleServiceAccounts", "FollowCustomerStanding", "AuditServiceAccountPermissions",
        "WriteAuditEvents", "PurgeAuditEvents", "SendMail", "SendWebhooks", "SettleSubscriptions", "ReconcileStripeEvents", "CountUsage", "RollUsageMonths",
    ];

    private readonly Process process;
    private readonly string state;
    private readonly JsonObject endpoints;
    private readonly HttpClient arm;
    private string? armToken;

    private LocalCloud(Process process, string state, JsonObject endpoints)
    {
        this.process = process;
        this.state = state;
        this.endpoints = endpoints;
        arm = new HttpClient(Trusting(Endpoint("caCertificate")));
        Local = new HttpClient { BaseAddress = new Uri(Endpoint("local")), Timeout = TimeSpan.FromMinutes(15) };
        Api = new HttpClient { BaseAddress = new Uri(Endpoint("functions")), Timeout = TimeSpan.FromMinutes(1) };
        AdminKey = (string)endpoints["admin"]!["apiKey"]!;
        Api.DefaultRequestHeaders.Add("X-Api-Key", AdminKey);
    }

    /// <summary>LocalAzure's own API.</summary>
    public HttpClient Local { get; }

    /// <summary>The first administrator's key.</summary>
    public string AdminKey { get; }

    /// <summary>The product's API, as the first administrator.</summary>
    public HttpClient Api { get; }

    /// <summary>The settings with which another process of the app runs against this LocalAzure.</summary>
    public Dictionary<string, string> Environment => new()
    {
        ["AZURE_FUNCTIONS_ENVIRONMENT"] = "Development",
        ["Cosmos__Endpoint"] = Endpoint("cosmos"),
        ["KeyVault__Uri"] = Endpoint("keyVault"),
        ["Tables__Endpoint"] = Endpoint("tables"),
        ["ResourceManager__Endpoint"] = Endpoint("resourceManager"),
        ["Azure__TrustedCertificates"] = Endpoint("caCertificate"),
        ["ApiKeys__Environment"] = "local",
        // A load test asks more than any plan allows.
        ["RateLimits__Factor"] = "10000",
        ["IDENTITY_ENDPOINT"] = Endpoint("local") + "/msi/token",
        ["IDENTITY_HEADER"] = File.ReadAllText(Path.Combine(state, "identity", "identity-header")),
    };

    public static async Task<LocalCloud> Start(string app, int instances = 1)
    {
        var state = Directory.CreateTempSubdirectory("customer-functions-bench-").FullName;
        var process = Process.Start(new ProcessStartInfo("dotnet",
        [
            Published.PathOf("src", "LocalAzure", "bin", Published.Configuration, "net10.0", "LocalAzure.dll"),
            "--state", state, "--ports", "auto", "--no-seed", "--app", app, "--instances", $"{instances}", "--parent", $"{System.Environment.ProcessId}",
            .. Timers.SelectMany(timer => new[] { "--setting", $"AzureWebJobs.{timer}.Disabled=true" }),
        ]) { RedirectStandardOutput = true })!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();

        var ready = Path.Combine(state, "endpoints.json");
        while (!File.Exists(ready))
        {
            if (process.HasExited) { throw new InvalidOperationException("LocalAzure has ended; its reason stands above."); }
            await Task.Delay(100);
        }
        return new LocalCloud(process, state, JsonNode.Parse(await File.ReadAllTextAsync(ready))!.AsObject());
    }

    public string Endpoint(string name) => (string)endpoints[name]!;

    public async Task<JsonObject> Post(string path, object body)
    {
        using var content = JsonContent.Create(body);
        // With its length: the product takes no chunks.
        await content.LoadIntoBufferAsync();
        using var response = await Api.PostAsync(path, content);
        var answer = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode ? JsonNode.Parse(answer)!.AsObject() : throw new InvalidOperationException($"POST {path}: {answer}");
    }

    /// <summary>A new customer and an API key of it.</summary>
    public async Task<(string Id, string Key)> CreateCustomer(string name)
    {
        var customer = await Post("/api/customers", new { name, email = $"{Guid.NewGuid():N}@example.com" });
        var id = (string)customer["id"]!;
        var key = await Post($"/api/customers/{id}/api-keys", new { name = "bench" });
        return (id, (string)key["key"]!);
    }

    public async Task Advance(TimeSpan by) =>
        (await Local.PostAsJsonAsync("/clock", new { advance = by.ToString("c", CultureInfo.InvariantCulture) })).EnsureSuccessStatusCode();

    /// <summary>Runs a timer function to its end, on one of the instances, and returns how it went.</summary>
    public async Task<JsonObject> RunTimer(string name, int instance = 0)
    {
        using var response = await Local.PostAsync($"/timers/{name}/run?instance={instance}", content: null);
        return (await response.Content.ReadFromJsonAsync<JsonObject>())!;
    }

    /// <summary>Makes a resource in the emulated Resource Manager.</summary>
    public async Task Arm(string resourceId, string apiVersion, object body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, $"{Endpoint("resourceManager")}{resourceId}?api-version={apiVersion}") { Content = JsonContent.Create(body) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", armToken ??= await Token("https://management.azure.com"));
        using var response = await arm.SendAsync(request);
        response.EnsureSuccessStatusCode();
    }

    public async Task<string> Token(string audience) => (string)(await Local.GetFromJsonAsync<JsonObject>($"/token?audience={Uri.EscapeDataString(audience)}"))!["token"]!;

    /// <summary>Requests per service since the last call.</summary>
    public async Task<Dictionary<string, long>> TakeRequests()
    {
        var counts = (await Local.GetFromJsonAsync<Dictionary<string, long>>("/requests"))!;
        await Local.DeleteAsync("/requests");
        return counts;
    }

    /// <summary>Memory that LocalAzure's process holds.</summary>
    public long WorkingSet
    {
        get
        {
            process.Refresh();
            return process.WorkingSet64;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Local.Dispose();
        arm.Dispose();
        Api.Dispose();
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
        Directory.Delete(state, recursive: true);
    }

    private static SocketsHttpHandler Trusting(string certificateFile)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(certificateFile);
        return new SocketsHttpHandler { SslOptions = { CertificateChainPolicy = policy } };
    }
}
