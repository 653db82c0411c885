using System.Net;

namespace LocalAzure.Tests.FunctionsHost;

public sealed class SettingsTests(RunningHost host) : IClassFixture<RunningHost>
{
    [Theory]
    [InlineData("FUNCTIONS_WORKER_RUNTIME", "custom")]
    [InlineData("AZURE_FUNCTIONS_ENVIRONMENT", "Development")]
    [InlineData("Cosmos__Database", "customers")]
    [InlineData("TickSchedule", "0 0 3 1 1 *")]
    [InlineData("FUNCTIONS_CUSTOMHANDLER_WORKER_ID", "*-*-*-*-*")]
    [InlineData("Cosmos__Endpoint", "http://localhost:*")]
    [InlineData("KeyVault__Uri", "https://localhost:*")]
    [InlineData("Tables__Endpoint", "https://localhost:*/devstoreaccount1")]
    [InlineData("ASPNETCORE_ENVIRONMENT", "(none)")]
    public async Task The_app_finds_its_settings_in_the_environment(string name, string pattern) =>
        (await host.Cloud.App.GetStringAsync($"/api/setting?name={name}")).Should().Match(pattern);

    [Fact]
    public async Task A_browsers_preflight_is_answered_for_the_origins_of_the_settings_and_never_reaches_the_app()
    {
        using var allowed = await Preflight("http://localhost:5173");
        using var refused = await Preflight("https://evil.example");

        allowed.StatusCode.Should().Be(HttpStatusCode.NoContent);
        allowed.Headers.GetValues("Access-Control-Allow-Origin").Should().Equal("http://localhost:5173");
        allowed.Headers.GetValues("Access-Control-Allow-Methods").Should().Equal("PUT");
        refused.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        refused.Headers.Contains("Access-Control-Allow-Origin").Should().BeFalse();
    }

    private async Task<HttpResponseMessage> Preflight(string origin)
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, "/api/echo");
        request.Headers.Add("Origin", origin);
        request.Headers.Add("Access-Control-Request-Method", "PUT");
        return await host.Cloud.App.SendAsync(request);
    }
}
