using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Azure.Core.Pipeline;
using Azure.Identity;
using LocalAzure.Clock;
using LocalAzure.Graph;
using LocalAzure.Identity;
using LocalAzure.Tests.Tls;
using LocalAzure.Tls;
using Microsoft.Extensions.Logging.Abstractions;

namespace LocalAzure.Tests.Graph;

/// <summary>Graph and the token endpoint behind HTTPS, for requests as the SDKs send them.</summary>
internal sealed class Tenant : IAsyncDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly LocalCertificates certificates;
    private GraphEmulator emulator = null!;
    private LoopbackServer server = null!;

    private Tenant()
    {
        certificates = LocalCertificates.Open(folder["tls"]);
        Clock = TestClock.Open(folder["clock"]);
        Tokens = TokenAuthority.Open(folder["token-key"]);
    }

    public TestClock Clock { get; }

    public TokenAuthority Tokens { get; }

    public HttpClient Http { get; private set; } = null!;

    public TokenEndpoint SignIn => emulator.SignIn;

    public static async Task<Tenant> Start()
    {
        var tenant = new Tenant();
        await tenant.Open();
        return tenant;
    }

    public async Task Restart()
    {
        await Close();
        await Open();
    }

    public async Task<(int Status, JsonObject Body)> Send(HttpMethod method, string path, object? body = null, string? audience = "https://graph.microsoft.com")
    {
        using var request = new HttpRequestMessage(method, $"{server.Url}/v1.0/{path}");
        if (audience is not null) { request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Tokens.Issue(audience, "me").Token); }
        if (body is not null) { request.Content = JsonContent.Create(body); }
        using var response = await Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return ((int)response.StatusCode, text.Length == 0 ? [] : JsonNode.Parse(text)!.AsObject());
    }

    /// <summary>An application with its service principal; returns its appId.</summary>
    public async Task<string> CreateApplication(string audience = "AzureADMyOrg")
    {
        var (status, application) = await Send(HttpMethod.Post, "applications", new { displayName = "billing", signInAudience = audience });
        status.Should().Be(201, application.ToJsonString());
        var appId = (string)application["appId"]!;
        (await Send(HttpMethod.Post, "servicePrincipals", new { appId })).Status.Should().Be(201);
        return appId;
    }

    public async Task<(string KeyId, string Secret)> AddPassword(string appId, DateTimeOffset? end = null, string name = "key_1")
    {
        var (status, body) = await Send(HttpMethod.Post, $"applications(appId='{appId}')/addPassword", new { passwordCredential = new { displayName = name, endDateTime = end } });
        status.Should().Be(200, body.ToJsonString());
        return ((string)body["keyId"]!, (string)body["secretText"]!);
    }

    public async Task<(int Status, JsonObject Body)> SignInWith(string appId, string secret, string scope = "https://vault.azure.net/.default", string tenant = TokenAuthority.TenantId)
    {
        var form = new Dictionary<string, string> { ["grant_type"] = "client_credentials", ["client_id"] = appId, ["client_secret"] = secret, ["scope"] = scope };
        using var content = new FormUrlEncodedContent(form);
        using var response = await Http.PostAsync(new Uri($"{server.Url}/{tenant}/oauth2/v2.0/token"), content);
        return ((int)response.StatusCode, (await response.Content.ReadFromJsonAsync<JsonObject>())!);
    }

    /// <summary>The SDK's own client of the token endpoint.</summary>
    public ClientSecretCredential Credential(string appId, string secret) => new(TokenAuthority.TenantId, appId, secret, new ClientSecretCredentialOptions
    {
        AuthorityHost = new Uri(server.Url),
        DisableInstanceDiscovery = true,
        Transport = new HttpClientTransport(Http),
    });

    public async ValueTask DisposeAsync()
    {
        await Close();
        certificates.Dispose();
        Clock.Dispose();
        folder.Dispose();
    }

    private async Task Open()
    {
        emulator = GraphEmulator.Open(new EmulatorEnvironment(folder.Path, Clock, Tokens, NullLogger.Instance));
        server = await LoopbackServer.Start(_ => emulator.Handle, certificates);
        Http = new HttpClient(LoopbackServer.Trusting(certificates.AuthorityPath));
    }

    private async Task Close()
    {
        Http.Dispose();
        await server.DisposeAsync();
        emulator.Dispose();
    }
}
