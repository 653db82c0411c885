using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using LocalAzure.Tls;
using Microsoft.AspNetCore.Http;

namespace LocalAzure.Tests.Tls;

public sealed class LocalCertificatesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Theory]
    [InlineData("localhost")]
    [InlineData("127.0.0.1")]
    public async Task A_client_that_trusts_the_authority_may_call_by_name_and_by_address(string host)
    {
        using var certificates = LocalCertificates.Open(folder.Path);
        await using var server = await LoopbackServer.Start(_ => context => context.Response.WriteAsync("hello"), certificates);
        using var client = new HttpClient(LoopbackServer.Trusting(certificates.AuthorityPath));

        (await client.GetStringAsync(new UriBuilder(server.Url) { Host = host }.Uri)).Should().Be("hello");
    }

    [Fact]
    public async Task A_client_without_the_authority_refuses_the_connection()
    {
        using var certificates = LocalCertificates.Open(folder.Path);
        await using var server = await LoopbackServer.Start(_ => context => context.Response.WriteAsync("hello"), certificates);
        using var client = new HttpClient();

        (await client.Invoking(c => c.GetStringAsync(server.Url)).Should().ThrowAsync<HttpRequestException>())
            .WithInnerException<AuthenticationException>();
    }

    [Fact]
    public void The_names_are_localhost_and_both_loopback_addresses()
    {
        using var certificates = LocalCertificates.Open(folder.Path);
        var names = certificates.Server.Extensions.OfType<X509SubjectAlternativeNameExtension>().Single();

        names.EnumerateDnsNames().Should().Equal("localhost");
        names.EnumerateIPAddresses().Select(address => address.ToString()).Should().Equal("127.0.0.1", "::1");
    }

    [Fact]
    public void A_second_start_finds_the_certificates_of_the_first()
    {
        using var first = LocalCertificates.Open(folder.Path);
        using var second = LocalCertificates.Open(folder.Path);

        second.Server.Thumbprint.Should().Be(first.Server.Thumbprint);
    }

    [Theory]
    [InlineData("ca.pem")]
    [InlineData("ca.key")]
    [InlineData("server.pem")]
    [InlineData("server.key")]
    public void A_broken_file_is_replaced_by_certificates_that_fit_together(string file)
    {
        LocalCertificates.Open(folder.Path).Dispose();
        File.WriteAllText(folder[file], "-----BEGIN CERT");

        using var certificates = LocalCertificates.Open(folder.Path);

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(X509CertificateLoader.LoadCertificateFromFile(certificates.AuthorityPath));
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.Build(certificates.Server).Should().BeTrue();
        using var fromFiles = X509Certificate2.CreateFromPemFile(certificates.ServerCertificatePath, certificates.ServerKeyPath);
        fromFiles.Thumbprint.Should().Be(certificates.Server.Thumbprint);
    }

    [Fact]
    public void Private_keys_are_readable_by_their_owner_only()
    {
        using var certificates = LocalCertificates.Open(folder.Path);
        // On Windows the same files carry an access list instead, which this test does not read.
        if (OperatingSystem.IsWindows()) { return; }

        foreach (var key in new[] { certificates.ServerKeyPath, folder["ca.key"] })
        {
            File.GetUnixFileMode(key).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    public void Dispose() => folder.Dispose();
}
