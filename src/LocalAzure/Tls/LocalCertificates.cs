using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using LocalAzure.State;

namespace LocalAzure.Tls;

/// <summary>
/// A certificate authority of this state folder and the server certificate it signed for <c>localhost</c>, <c>127.0.0.1</c> and <c>::1</c>.
/// Nothing goes into the machine's store: who talks to LocalAzure is given <see cref="AuthorityPath"/> and trusts it, alone.
/// </summary>
internal sealed class LocalCertificates : IDisposable
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const int AuthorityYears = 10;
    // macOS trusts no server certificate that is valid for more than 825 days (support.apple.com/103769).
    private const int ServerDays = 820;
    private static readonly TimeSpan RenewBefore = TimeSpan.FromDays(60);

    private LocalCertificates(string directory)
    {
        AuthorityPath = Path.Combine(directory, "ca.pem");
        ServerCertificatePath = Path.Combine(directory, "server.pem");
        ServerKeyPath = Path.Combine(directory, "server.key");
        AuthorityKeyPath = Path.Combine(directory, "ca.key");
        using var authority = Load(AuthorityPath, AuthorityKeyPath) ?? MakeAuthority();
        using var server = LoadServer(authority) ?? MakeServer(authority);
        // Windows' TLS takes no key that was read from a PEM file; it takes the same key out of a PKCS #12.
        Server = X509CertificateLoader.LoadPkcs12(server.Export(X509ContentType.Pkcs12), null);
    }

    /// <summary>For Kestrel's <c>UseHttps</c>, with its private key.</summary>
    public X509Certificate2 Server { get; }

    /// <summary>PEM of the authority, for <c>SSL_CERT_FILE</c>, <c>NODE_EXTRA_CA_CERTS</c>, <c>curl --cacert</c> or a custom root trust.</summary>
    public string AuthorityPath { get; }

    /// <summary>PEM of the server certificate, for servers that take files (Azurite's <c>--cert</c>).</summary>
    public string ServerCertificatePath { get; }

    /// <summary>PEM of the server's private key (Azurite's <c>--key</c>).</summary>
    public string ServerKeyPath { get; }

    private string AuthorityKeyPath { get; }

    /// <summary>Opens the certificates in <paramref name="directory"/> and makes those that are missing, unreadable or about to lapse.</summary>
    public static LocalCertificates Open(string directory)
    {
        Directory.CreateDirectory(directory);
        return new LocalCertificates(directory);
    }

    public void Dispose() => Server.Dispose();

    private static X509Certificate2? Load(string certificatePath, string keyPath)
    {
        if (!File.Exists(certificatePath) || !File.Exists(keyPath)) { return null; }
        try
        {
            var certificate = X509Certificate2.CreateFromPemFile(certificatePath, keyPath);
            if (certificate.NotAfter.ToUniversalTime() - RenewBefore > TimeProvider.System.GetUtcNow().UtcDateTime) { return certificate; }
            certificate.Dispose();
            return null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private X509Certificate2? LoadServer(X509Certificate2 authority)
    {
        if (Load(ServerCertificatePath, ServerKeyPath) is not { } server) { return null; }
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        if (chain.Build(server)) { return server; }
        server.Dispose();
        return null;
    }

    private X509Certificate2 MakeAuthority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        // Each authority has its own name: two of the same name and different keys confuse whoever is given both.
        var name = $"CN=LocalAzure CA {RandomNumberGenerator.GetHexString(8, lowercase: true)}";
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(X509BasicConstraintsExtension.CreateForCertificateAuthority(pathLengthConstraint: 0));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        var from = TimeProvider.System.GetUtcNow().AddDays(-1);
        using var made = request.CreateSelfSigned(from, from.AddYears(AuthorityYears));
        Save(made, key, AuthorityPath, AuthorityKeyPath);
        return X509Certificate2.CreateFromPemFile(AuthorityPath, AuthorityKeyPath);
    }

    private X509Certificate2 MakeServer(X509Certificate2 authority)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(X509BasicConstraintsExtension.CreateForEndEntity(critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ServerAuthentication)], critical: false));
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(
            authority, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        var from = TimeProvider.System.GetUtcNow().AddDays(-1);
        using var made = request.Create(authority, from, from.AddDays(ServerDays), RandomNumberGenerator.GetBytes(16));
        Save(made, key, ServerCertificatePath, ServerKeyPath);
        return X509Certificate2.CreateFromPemFile(ServerCertificatePath, ServerKeyPath);
    }

    private static void Save(X509Certificate2 certificate, ECDsa key, string certificatePath, string keyPath)
    {
        // The key first: a certificate without its key would be trusted by clients and usable by nobody.
        OwnerOnlyFile.Write(keyPath, Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem()));
        File.WriteAllText(certificatePath, certificate.ExportCertificatePem());
    }
}
