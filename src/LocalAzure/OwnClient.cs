using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using LocalAzure.Identity;
using LocalAzure.Tls;

namespace LocalAzure;

/// <summary>How LocalAzure itself calls what it serves: over the wire, trusting its own authority and nothing else.</summary>
internal static class OwnClient
{
    public static SocketsHttpHandler Trusting(LocalCertificates certificates)
    {
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.ImportFromPemFile(certificates.AuthorityPath);
        return new SocketsHttpHandler { AllowAutoRedirect = false, SslOptions = { CertificateChainPolicy = trust } };
    }

    /// <summary>A client that calls one service with a token for it.</summary>
    public static HttpClient For(string baseAddress, string audience, TokenAuthority tokens, LocalCertificates certificates)
    {
        var client = new HttpClient(Trusting(certificates)) { BaseAddress = new Uri(baseAddress) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", tokens.Issue(audience, ManagedIdentityEndpoint.ObjectId).Token);
        return client;
    }
}
