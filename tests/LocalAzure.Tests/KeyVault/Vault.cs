using System.Net.Http.Headers;
using System.Text;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Security.KeyVault.Secrets;
using LocalAzure.Clock;
using LocalAzure.Identity;
using LocalAzure.KeyVault;
using LocalAzure.Tests.Identity;
using LocalAzure.Tests.Tls;
using LocalAzure.Tls;
using Microsoft.Extensions.Logging.Abstractions;

namespace LocalAzure.Tests.KeyVault;

/// <summary>A vault behind HTTPS with the real secret client in front of it.</summary>
internal sealed class Vault : IAsyncDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly KeyVaultOptions options;
    private readonly LocalCertificates certificates;
    private KeyVaultEmulator emulator = null!;
    private LoopbackServer server = null!;

    private Vault(KeyVaultOptions options)
    {
        this.options = options;
        certificates = LocalCertificates.Open(folder["tls"]);
        Clock = TestClock.Open(folder["clock"]);
        Tokens = TokenAuthority.Open(folder["token-key"]);
    }

    public TestClock Clock { get; }

    public TokenAuthority Tokens { get; }

    public SecretClient Secrets { get; private set; } = null!;

    public HttpClient Http { get; private set; } = null!;

    public KeyVaultEmulator Emulator => emulator;

    public string JournalPath => folder["secrets.journal"];

    /// <summary>Without <paramref name="options"/> one whose deleted secrets may be purged.</summary>
    public static async Task<Vault> Start(KeyVaultOptions? options = null)
    {
        var vault = new Vault(options ?? new KeyVaultOptions(PurgeProtection: false));
        await vault.Open();
        return vault;
    }

    /// <summary>Ends the emulator and opens its state again, after <paramref name="meanwhile"/>.</summary>
    public async Task Restart(Action? meanwhile = null)
    {
        await Close();
        meanwhile?.Invoke();
        await Open();
    }

    /// <summary>A request as no SDK would send it; the path without the version of the API.</summary>
    public async Task<(int Status, string Body)> Send(HttpMethod method, string path, string? json = null, string apiVersion = "7.6")
    {
        var separator = path.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        using var request = new HttpRequestMessage(method, $"{server.Url}{path}{separator}api-version={apiVersion}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Tokens.Issue(KeyVaultEmulator.Audience, "me").Token);
        if (json is not null) { request.Content = new StringContent(json, Encoding.UTF8, "application/json"); }
        using var response = await Http.SendAsync(request);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    public SecretClient Client(Action<SecretClientOptions>? configure = null, TokenCredential? credential = null)
    {
        var settings = new SecretClientOptions { Transport = new HttpClientTransport(Http), DisableChallengeResourceVerification = true };
        configure?.Invoke(settings);
        return new SecretClient(new Uri(server.Url), credential ?? new LocalCredential(Tokens), settings);
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
        emulator = KeyVaultEmulator.Open(new(folder.Path, Clock, Tokens, NullLogger.Instance), options);
        server = await LoopbackServer.Start(_ => emulator.Handle, certificates);
        Http = new HttpClient(LoopbackServer.Trusting(certificates.AuthorityPath)) { BaseAddress = new Uri(server.Url) };
        Secrets = Client();
    }

    private async Task Close()
    {
        Http.Dispose();
        await server.DisposeAsync();
        emulator.Dispose();
    }
}

internal static class VaultAssertions
{
    /// <summary>The call is refused with this status and error code, and with <paramref name="text"/> somewhere in the answer.</summary>
    public static async Task ShouldBeRefused(this Func<Task> call, int status, string code, string text)
    {
        var refusal = (await call.Should().ThrowAsync<RequestFailedException>()).Which;
        refusal.Status.Should().Be(status);
        refusal.ErrorCode.Should().Be(code);
        refusal.Message.Should().Contain(text);
    }
}
