using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.ResourceManager;
using LocalAzure.Clock;
using LocalAzure.DataPlanes;
using LocalAzure.Identity;
using LocalAzure.ResourceManager;
using LocalAzure.Storage;
using LocalAzure.Tests.Identity;
using LocalAzure.Tests.Tls;
using LocalAzure.Tls;
using Microsoft.Extensions.Logging.Abstractions;

namespace LocalAzure.Tests.ResourceManager;

/// <summary>Resource Manager and the blob data plane behind HTTPS, with the real management client in front.</summary>
internal sealed class AzureAccount : IAsyncDisposable
{
    public const string Group = "rg-test";
    public const string Subscription = $"/subscriptions/{ResourceManagerEmulator.SubscriptionId}";
    public const string Accounts = $"{Subscription}/resourceGroups/{Group}/providers/Microsoft.Storage/storageAccounts";
    public const string NewAccount = """{"location":"westeurope","sku":{"name":"Standard_LRS"},"kind":"StorageV2"}""";
    public const string ApiVersion = "2025-06-01";
    private readonly TemporaryFolder folder = new();
    private readonly LocalCertificates certificates;
    private ResourceManagerEmulator emulator = null!;
    private LoopbackServer management = null!;
    private LoopbackServer blobs = null!;
    private LoopbackServer dataPlanes = null!;

    private AzureAccount()
    {
        certificates = LocalCertificates.Open(folder["tls"]);
        Clock = TestClock.Open(folder["clock"]);
        Tokens = TokenAuthority.Open(folder["token-key"]);
    }

    public TestClock Clock { get; }

    public TokenAuthority Tokens { get; }

    public ArmClient Arm { get; private set; } = null!;

    public HttpClient Http { get; private set; } = null!;

    public ResourceManagerEmulator Emulator => emulator;

    public string DataPlanesUrl => dataPlanes.Url;

    public string JournalPath => folder["resources.journal"];

    public static async Task<AzureAccount> Start()
    {
        var azure = new AzureAccount();
        await azure.Open();
        await azure.CreateGroup(Group);
        return azure;
    }

    public async Task Restart(Action? meanwhile = null)
    {
        await Close();
        meanwhile?.Invoke();
        await Open();
    }

    public static ResourceIdentifier IdOf(string account) => new($"{Accounts}/{account}");

    public Task CreateGroup(string name) =>
        Send(HttpMethod.Put, $"{Subscription}/resourcegroups/{name}", """{"location":"West Europe"}""", "2021-04-01");

    public async Task<StorageKeys> CreateStorageAccount(string name)
    {
        var (status, body) = await Send(HttpMethod.Put, IdOf(name)!, NewAccount);
        status.Should().Be(200, body);
        return KeysOf(name);
    }

    public StorageKeys KeysOf(string account) => new(Arm, IdOf(account));

    /// <summary>An action through the management client's own pipeline.</summary>
    public Task<Response> Raw(string pathAndQuery, string? body = null) => new AnyAction(Arm).Send(RequestMethod.Post, new Uri($"{management.Url}{pathAndQuery}"), body);

    public Task<Response> RawGet(string url) => new AnyAction(Arm).Send(RequestMethod.Get, new Uri(url), body: null);

    /// <summary>A request as no SDK would send it.</summary>
    public async Task<(int Status, string Body)> Send(
        HttpMethod method, string path, string? json = null, string apiVersion = ApiVersion, string? audience = "https://management.azure.com")
    {
        var separator = path.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        using var request = new HttpRequestMessage(method, $"{management.Url}{path}{separator}api-version={apiVersion}");
        if (audience is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Tokens.Issue(audience, "me").Token);
        }
        if (json is not null) { request.Content = new StringContent(json, Encoding.UTF8, "application/json"); }
        using var response = await Http.SendAsync(request);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    /// <summary>
    /// Lists the containers of an account, signed here as "Authorize with Shared Key" says; what is signed may differ from what is sent.
    /// </summary>
    public async Task<(int Status, string Body)> ListContainers(
        string account, string key, Signed? signed = null, Action<HttpRequestMessage>? tamper = null)
    {
        signed ??= new Signed();
        var path = signed.SentPath ?? $"/{account}/";
        var date = (signed.At ?? Clock.GetUtcNow()).ToString("R", CultureInfo.InvariantCulture);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{blobs.Url}{path}?comp=list");
        request.Headers.Add("x-ms-date", date);
        request.Headers.Add("x-ms-version", "2021-12-02");
        var resource = $"/{signed.Account ?? account}{signed.Path ?? path}\ncomp:list";
        var text = $"GET\n\n\n\n\n\n\n\n\n\n\n\nx-ms-date:{date}\nx-ms-version:2021-12-02\n{resource}";
        var signature = Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(key), Encoding.UTF8.GetBytes(text)));
        request.Headers.TryAddWithoutValidation("Authorization", $"SharedKey {signed.Label ?? account}:{signature}");
        tamper?.Invoke(request);
        using var response = await Http.SendAsync(request);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    public async Task<(int Status, string Body)> SendToBlobs(HttpMethod method, string pathAndQuery)
    {
        using var request = new HttpRequestMessage(method, $"{blobs.Url}{pathAndQuery}");
        using var response = await Http.SendAsync(request);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await Close();
        certificates.Dispose();
        Clock.Dispose();
        folder.Dispose();
    }

    private async Task Open()
    {
        var env = new EmulatorEnvironment(folder.Path, Clock, Tokens, NullLogger.Instance);
        dataPlanes = await LoopbackServer.Start(_ => context => new DataPlaneEmulator(emulator, Clock).Handle(context), certificates);
        blobs = await LoopbackServer.Start(url =>
        {
            emulator = ResourceManagerEmulator.Open(env, url, dataPlanes.Url);
            return BlobEmulator.Open(env, emulator).Handle;
        }, certificates);
        management = await LoopbackServer.Start(_ => emulator.Handle, certificates);
        Http = new HttpClient(LoopbackServer.Trusting(certificates.AuthorityPath));
        Arm = new ArmClient(new LocalCredential(Tokens), ResourceManagerEmulator.SubscriptionId, new ArmClientOptions
        {
            Environment = new ArmEnvironment(new Uri(management.Url), "https://management.azure.com"),
            Transport = new HttpClientTransport(Http),
        });
    }

    private async Task Close()
    {
        Http.Dispose();
        await management.DisposeAsync();
        await blobs.DisposeAsync();
        await dataPlanes.DisposeAsync();
        emulator.Dispose();
    }
}

/// <summary>What a request is signed with; null is what is right.</summary>
/// <param name="At">The date, sent and signed.</param>
/// <param name="Label">The account in the Authorization header.</param>
/// <param name="Account">The account in the string that is signed.</param>
/// <param name="SentPath">The path of the request.</param>
/// <param name="Path">The path in the string that is signed.</param>
internal sealed record Signed(
    DateTimeOffset? At = null, string? Label = null, string? Account = null, string? SentPath = null, string? Path = null);

/// <summary>Any request, over the management client's own pipeline.</summary>
internal sealed class AnyAction(ArmClient client) : ArmResource(client, new ResourceIdentifier(AzureAccount.Subscription))
{
    public async Task<Response> Send(RequestMethod method, Uri url, string? body)
    {
        using var message = Pipeline.CreateMessage();
        message.Request.Method = method;
        message.Request.Uri.Reset(url);
        if (body is not null)
        {
            message.Request.Headers.Add(HttpHeader.Common.JsonContentType);
            message.Request.Content = RequestContent.Create(body);
        }
        await Pipeline.SendAsync(message, default);
        return message.Response;
    }
}

/// <summary>The key actions of a storage account, over the management client's own pipeline.</summary>
internal sealed class StorageKeys(ArmClient client, ResourceIdentifier id) : ArmResource(client, id)
{
    public Task<Dictionary<string, (string Value, DateTimeOffset Created)>> List() => Post("listKeys", null);

    public Task<Dictionary<string, (string Value, DateTimeOffset Created)>> Regenerate(string name) =>
        Post("regenerateKey", new { keyName = name });

    private async Task<Dictionary<string, (string Value, DateTimeOffset Created)>> Post(string action, object? body)
    {
        using var message = Pipeline.CreateMessage();
        message.Request.Method = RequestMethod.Post;
        message.Request.Uri.Reset(new Uri(Endpoint, $"{Id}/{action}?api-version={AzureAccount.ApiVersion}"));
        if (body is not null)
        {
            message.Request.Headers.Add(HttpHeader.Common.JsonContentType);
            message.Request.Content = RequestContent.Create(body);
        }
        await Pipeline.SendAsync(message, default);
        if (message.Response.IsError) { throw new RequestFailedException(message.Response); }
        using var answer = JsonDocument.Parse(message.Response.Content);
        return answer.RootElement.GetProperty("keys").EnumerateArray().ToDictionary(
            key => key.GetProperty("keyName").GetString()!,
            key => (key.GetProperty("value").GetString()!, key.GetProperty("creationTime").GetDateTimeOffset()));
    }
}
