using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace CustomerFunctions.Tests.Packaging;

/// <summary>local.settings.sample.json, with which Core Tools start the app (docs/configuration.md).</summary>
public sealed class SampleSettingsTests
{
    private static readonly string Root = LocalCloud.Metadata("RepositoryRoot");

    [Fact]
    public async Task The_sample_and_what_the_page_adds_to_it_are_enough_for_an_app_that_reaches_every_service()
    {
        var cloud = (await App.Shared).Cloud;
        var start = new ProcessStartInfo(Path.Combine(LocalCloud.BuiltApp, OperatingSystem.IsWindows() ? "CustomerFunctions.exe" : "CustomerFunctions")) { WorkingDirectory = LocalCloud.BuiltApp, RedirectStandardOutput = true };
        var port = FreePort().ToString(CultureInfo.InvariantCulture);
        foreach (var (name, value) in Sample(cloud).Concat(Added(cloud)).Append(("FUNCTIONS_CUSTOMHANDLER_PORT", port))) { start.Environment[name] = value; }

        using var process = Process.Start(start)!;
        try
        {
            _ = process.StandardOutput.ReadToEndAsync();
            using var http = new HttpClient();
            await Eventually.True(async () => !process.HasExited && await IsReady(http, port), TimeSpan.FromSeconds(60), "the app is ready");
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
    }

    [Fact]
    public void The_page_names_what_it_adds() =>
        File.ReadAllText(Path.Combine(Root, "docs", "configuration.md")).Should().ContainAll("| `IDENTITY_ENDPOINT` |", "| `IDENTITY_HEADER` |", "| `Azure__TrustedCertificates` |");

    /// <summary>What the sample says, with the ports of this LocalAzure where it has the default ones.</summary>
    private static IEnumerable<(string Name, string Value)> Sample(LocalCloud cloud)
    {
        (string Usual, string Here)[] ports = [("http://localhost:7073", "cosmos"), ("https://localhost:7074", "keyVault"), ("https://localhost:7077/devstoreaccount1", "tables"), ("https://localhost:7075", "resourceManager")];
        var values = JsonNode.Parse(File.ReadAllText(Path.Combine(Root, "local.settings.sample.json")))!["Values"]!.AsObject().ToDictionary(value => value.Key, value => (string)value.Value!);
        values.Values.Should().Contain(ports.Select(port => port.Usual));
        return values.Select(value => (value.Key, ports.FirstOrDefault(port => port.Usual == value.Value).Here is { } service ? cloud.Endpoint(service) : value.Value));
    }

    private static IEnumerable<(string Name, string Value)> Added(LocalCloud cloud) =>
    [
        ("IDENTITY_ENDPOINT", cloud.Endpoint("local") + "/msi/token"),
        ("IDENTITY_HEADER", File.ReadAllText(Path.Combine(cloud.State, "identity", "identity-header"))),
        ("Azure__TrustedCertificates", cloud.Endpoint("caCertificate")),
    ];

    private static async Task<bool> IsReady(HttpClient http, string port)
    {
        try
        {
            using var answer = await http.GetAsync($"http://127.0.0.1:{port}/api/health/ready");
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
