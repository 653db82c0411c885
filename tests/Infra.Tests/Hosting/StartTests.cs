using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Infra.Tests.Hosting;

/// <summary>What the host sees when it starts the app.</summary>
public sealed class StartTests
{
    [Fact]
    public async Task The_app_answers_at_once_though_no_dependency_does()
    {
        // Connections are taken, and nobody ever answers on them.
        using var silence = new TcpListener(IPAddress.Loopback, 0);
        silence.Start();
        await using var app = await FunctionsApp.Start(Repository.TestedApp, FunctionsApp.Settings($"https://127.0.0.1:{((IPEndPoint)silence.LocalEndpoint).Port}"));

        var asked = Stopwatch.GetTimestamp();
        using var response = await app.Http.GetAsync("/");

        response.IsSuccessStatusCode.Should().BeTrue();
        Stopwatch.GetElapsedTime(asked).Should().BeLessThan(TimeSpan.FromSeconds(2));
    }

    [Theory]
    [InlineData("Cosmos__Endpoint", null)]
    [InlineData("Cosmos__Endpoint", "")]
    [InlineData("KeyVault__Uri", null)]
    [InlineData("KeyVault__Uri", "vault")]
    [InlineData("Tables__Endpoint", null)]
    [InlineData("Tables__Endpoint", "ftp://example.org")]
    [InlineData("ResourceManager__Endpoint", "/relative")]
    [InlineData("ApiKeys__Environment", "Not_Lower-Case")]
    [InlineData("Azure__TrustedCertificates", "no-such-file.pem")]
    [InlineData("Clock__OffsetFile", "no-such-file")]
    [InlineData("Clock__OffsetFile", "host.json")]
    public async Task A_wrong_setting_stops_the_app_with_one_line_that_names_it(string name, string? value)
    {
        var settings = FunctionsApp.Settings();
        settings.Remove(name);
        if (value is not null) { settings[name] = value; }

        var (exitCode, errors) = await FunctionsApp.Fail(Repository.TestedApp, settings);

        exitCode.Should().Be(1);
        errors.Trim().Should().Contain(name).And.NotContain("\n");
    }

    [Fact]
    public async Task All_that_is_wrong_is_said_in_the_one_line()
    {
        var (exitCode, errors) = await FunctionsApp.Fail(Repository.TestedApp, []);

        exitCode.Should().Be(1);
        errors.Trim().Should().ContainAll("Cosmos__Endpoint", "KeyVault__Uri", "Tables__Endpoint").And.NotContain("\n");
    }
}
