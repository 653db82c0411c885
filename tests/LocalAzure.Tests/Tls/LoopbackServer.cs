using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using LocalAzure.Tls;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace LocalAzure.Tests.Tls;

/// <summary>One emulator behind Kestrel on a free loopback port, over HTTPS when it is given certificates.</summary>
internal sealed class LoopbackServer : IAsyncDisposable
{
    private readonly WebApplication app;

    private LoopbackServer(WebApplication app) => this.app = app;

    /// <summary>The server's address, without a trailing slash.</summary>
    public string Url => app.Urls.Single();

    public static async Task<LoopbackServer> Start(Func<string, RequestDelegate> handler, LocalCertificates? certificates = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (certificates is not null) { listen.UseHttps(certificates.Server); }
        }));
        var app = builder.Build();
        RequestDelegate? handle = null;
        app.Run(context => handle!(context));
        await app.StartAsync();
        handle = handler(app.Urls.Single());
        return new LoopbackServer(app);
    }

    /// <summary>A client's handler that trusts the authority in <paramref name="authorityPath"/> and no other.</summary>
    public static SocketsHttpHandler Trusting(string authorityPath) => new()
    {
        SslOptions = new SslClientAuthenticationOptions
        {
            CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                CustomTrustStore = { X509CertificateLoader.LoadCertificateFromFile(authorityPath) },
                RevocationMode = X509RevocationMode.NoCheck,
            },
        },
    };

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
