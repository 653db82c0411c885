using System.Globalization;
using System.Text.Json;

namespace Infra.Tests.Hosting;

/// <summary>host.json as the custom handler's documentation and the host's source read it; see docs/decisions/0002-custom-handler.md.</summary>
public sealed class HostJsonTests
{
    private readonly JsonElement host = Repository.TestedApp.HostJson;
    private readonly JsonElement handler = Repository.TestedApp.HostJson.GetProperty("customHandler");

    [Fact]
    public void The_executable_is_there()
    {
        File.Exists(Repository.TestedApp.Executable).Should().BeTrue();
        Path.IsPathRooted(handler.GetProperty("description").GetProperty("defaultExecutablePath").GetString()).Should().BeFalse(because: "the folder is somewhere else in the cloud");
    }

    [Fact]
    public void Requests_are_proxied_and_not_rebuilt()
    {
        handler.GetProperty("enableProxyingHttpRequest").GetBoolean().Should().BeTrue();
        handler.TryGetProperty("enableForwardingHttpRequest", out _).Should().BeFalse(because: "one way of handing requests over is enough");
    }

    [Fact]
    public void Routes_are_left_to_the_function_files()
    {
        handler.TryGetProperty("http", out _).Should().BeFalse(because: "the host refuses to start with routes in both places");
        host.GetProperty("extensions").GetProperty("http").GetProperty("routePrefix").GetString().Should().Be("api");
    }

    [Fact]
    public void A_function_may_take_longer_than_a_timer_gives_itself()
    {
        host.GetProperty("version").GetString().Should().Be("2.0");
        TimeSpan.Parse(host.GetProperty("functionTimeout").GetString()!, CultureInfo.InvariantCulture).Should().BeGreaterThan(TimeSpan.FromMinutes(7));
    }

    /// <summary>learn.microsoft.com: "host.json reference", samplingSettings; "Configure monitoring", categories.</summary>
    [Fact]
    public void Requests_are_sampled_and_the_apps_own_lines_are_not()
    {
        var logging = host.GetProperty("logging");
        var sampling = logging.GetProperty("applicationInsights").GetProperty("samplingSettings");

        sampling.GetProperty("excludedTypes").GetString()!.Split(';').Should().Equal(["Trace", "Exception"], because: "alerts ask for single lines");
        sampling.GetProperty("maxTelemetryItemsPerSecond").GetInt32().Should().Be(40, because: "the estimate of what it costs says so");
        logging.GetProperty("logLevel").GetProperty("default").GetString().Should().Be("Information", because: "requests are reported at this level");
        logging.GetProperty("logLevel").GetProperty("Function").GetString().Should().Be("Warning", because: "the host's two lines about each call would all be kept");
    }

    [Fact]
    public void The_port_is_the_hosts_choice()
    {
        handler.TryGetProperty("port", out _).Should().BeFalse(because: "two apps on one machine would share a fixed one");
    }
}
