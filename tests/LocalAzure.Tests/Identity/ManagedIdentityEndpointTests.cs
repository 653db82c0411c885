using System.Net;
using System.Text.Json;
using Azure.Core;
using Azure.Identity;
using LocalAzure.Identity;
using LocalAzure.Tests.Tls;
using Microsoft.Extensions.Logging.Abstractions;

namespace LocalAzure.Tests.Identity;

/// <summary>The SDK finds the endpoint through two variables of its process, so no other test may run meanwhile.</summary>
[CollectionDefinition(nameof(ManagedIdentityEndpointTests), DisableParallelization = true)]
[Collection(nameof(ManagedIdentityEndpointTests))]
public sealed class ManagedIdentityEndpointTests : IAsyncLifetime, IDisposable
{
    private readonly TemporaryFolder folder = new();
    private TokenAuthority tokens = null!;
    private ManagedIdentityEndpoint endpoint = null!;
    private LoopbackServer server = null!;

    public async Task InitializeAsync()
    {
        tokens = TokenAuthority.Open(folder["token-key"]);
        endpoint = Open(tokens);
        server = await LoopbackServer.Start(_ => endpoint.Handle);
        Environment.SetEnvironmentVariable("IDENTITY_ENDPOINT", $"{server.Url}/msi/token");
        Environment.SetEnvironmentVariable("IDENTITY_HEADER", endpoint.Header);
    }

    public async Task DisposeAsync()
    {
        Environment.SetEnvironmentVariable("IDENTITY_ENDPOINT", null);
        Environment.SetEnvironmentVariable("IDENTITY_HEADER", null);
        await server.DisposeAsync();
    }

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("https://vault.azure.net")]
    [InlineData("https://management.azure.com")]
    [InlineData("https://localhost:8081")]
    public async Task The_sdk_gets_a_token_that_only_its_audience_accepts(string audience)
    {
        var credential = new ManagedIdentityCredential(ManagedIdentityId.SystemAssigned);

        var token = await credential.GetTokenAsync(new TokenRequestContext([$"{audience}/.default"]), default);

        tokens.Refusal(token.Token, audience).Should().BeNull();
        tokens.Refusal(token.Token, "https://elsewhere.example").Should().Be($"audience is '{audience}', not 'https://elsewhere.example'");
        token.ExpiresOn.Should().BeCloseTo(TimeProvider.System.GetUtcNow() + TokenAuthority.Lifetime, TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task The_default_credential_finds_the_managed_identity_too()
    {
        // A resource of its own: the SDK keeps tokens per resource for the whole process, and another test's authority signed those.
        var credential = new DefaultAzureCredential(new DefaultAzureCredentialOptions
        {
            ExcludeEnvironmentCredential = true,
            ExcludeWorkloadIdentityCredential = true,
        });

        var token = await credential.GetTokenAsync(new TokenRequestContext(["https://storage.azure.com/.default"]));

        tokens.Refusal(token.Token, "https://storage.azure.com").Should().BeNull();
    }

    [Fact]
    public async Task The_identity_may_be_named_by_its_client_id()
    {
        var credential = new ManagedIdentityCredential(ManagedIdentityId.FromUserAssignedClientId(ManagedIdentityEndpoint.ClientId));

        var token = await credential.GetTokenAsync(new TokenRequestContext(["https://vault.azure.net/.default"]), default);

        tokens.Refusal(token.Token, "https://vault.azure.net").Should().BeNull();
    }

    [Fact]
    public async Task An_identity_that_the_app_does_not_have_is_an_authentication_failure_in_the_sdk()
    {
        var credential = new ManagedIdentityCredential(ManagedIdentityId.FromUserAssignedClientId("99999999-9999-9999-9999-999999999999"));

        await credential.Invoking(c => c.GetTokenAsync(new TokenRequestContext(["https://vault.azure.net/.default"]), default).AsTask())
            .Should().ThrowAsync<AuthenticationFailedException>();
    }

    [Theory]
    [InlineData("?resource=https://vault.azure.net&api-version=2019-08-01", null, 401, "X-IDENTITY-HEADER")]
    [InlineData("?resource=https://vault.azure.net&api-version=2019-08-01", "guess", 401, "X-IDENTITY-HEADER")]
    [InlineData("?resource=https://vault.azure.net&api-version=2017-09-01", "", 400, "api-version")]
    [InlineData("?resource=https://vault.azure.net", "", 400, "api-version")]
    [InlineData("?api-version=2019-08-01", "", 400, "resource")]
    [InlineData("?resource=https://nobody.example&api-version=2019-08-01", "", 400, "https://nobody.example")]
    [InlineData("?resource=https://vault.azure.net&api-version=2019-08-01&client_id=other", "", 400, "ClientId")]
    [InlineData("?resource=https://vault.azure.net&api-version=2019-08-01&mi_res_id=/other", "", 400, "ResourceId")]
    public async Task A_wrong_request_gets_no_token_and_a_reason(string query, string? header, int status, string reason)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{server.Url}/msi/token{query}");
        if (header is not null) { request.Headers.Add("X-IDENTITY-HEADER", header.Length == 0 ? endpoint.Header : header); }

        using var response = await client.SendAsync(request);

        response.StatusCode.Should().Be((HttpStatusCode)status);
        using var error = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        error.RootElement.GetProperty("statusCode").GetInt32().Should().Be(status);
        error.RootElement.GetProperty("message").GetString().Should().Contain(reason);
    }

    [Fact]
    public void Tokens_and_the_header_outlive_a_restart()
    {
        var (token, _) = tokens.Issue("https://vault.azure.net/", ManagedIdentityEndpoint.ObjectId);
        var restarted = TokenAuthority.Open(folder["token-key"]);

        restarted.Refusal(token, "https://vault.azure.net").Should().BeNull();
        Open(restarted).Header.Should().Be(endpoint.Header);
    }

    [Fact]
    public void A_token_of_another_authority_and_a_changed_token_are_refused()
    {
        var (token, _) = tokens.Issue("https://vault.azure.net", ManagedIdentityEndpoint.ObjectId);
        var (foreign, _) = new TokenAuthority(new byte[32]).Issue("https://vault.azure.net", ManagedIdentityEndpoint.ObjectId);
        var parts = token.Split('.');

        tokens.Refusal(foreign, "https://vault.azure.net").Should().Be("signature mismatch");
        tokens.Refusal($"{parts[0]}.{parts[1]}A.{parts[2]}", "https://vault.azure.net").Should().Be("signature mismatch");
        tokens.Refusal($"{parts[0]}.{parts[1]}.!", "https://vault.azure.net").Should().Be("malformed token");
        tokens.Refusal(null, "https://vault.azure.net").Should().Be("no bearer token");
    }

    private ManagedIdentityEndpoint Open(TokenAuthority authority) =>
        ManagedIdentityEndpoint.Open(new(folder.Path, TimeProvider.System, authority, NullLogger.Instance), ["https://localhost:8081/"]);
}
