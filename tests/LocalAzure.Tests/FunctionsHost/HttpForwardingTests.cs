using System.Net;
using System.Net.Http.Json;
using System.Text;

namespace LocalAzure.Tests.FunctionsHost;

public sealed class HttpForwardingTests(RunningHost host) : IClassFixture<RunningHost>
{
    private static readonly UriCreationOptions AsWritten = new() { DangerousDisablePathAndQueryCanonicalization = true };

    [Fact]
    public async Task The_app_sees_the_whole_path_and_query_as_the_caller_wrote_them()
    {
        var seen = await host.Cloud.App.GetFromJsonAsync<SampleApp.Seen>("/api/echo/a%20b/c/d?x=1&y=%2F");

        seen!.Method.Should().Be("GET");
        seen.Target.Should().Be("/api/echo/a%20b/c/d?x=1&y=%2F");
    }

    [Theory]
    [InlineData("/api/echo/%2561")]
    [InlineData("/api/echo/%252e%252e")]
    [InlineData("/api/echo/a%2Fb%25")]
    public async Task An_id_that_is_encoded_twice_stays_so(string target)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(host.Cloud.Endpoints.Functions + target, AsWritten));

        (await Echo(request)).Target.Should().Be(target);
    }

    [Fact]
    public async Task A_header_beyond_ASCII_arrives()
    {
        using var client = new HttpClient(new SocketsHttpHandler { RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8 });
        using var request = new HttpRequestMessage(HttpMethod.Get, host.Cloud.Endpoints.Functions + "/api/echo");
        request.Headers.TryAddWithoutValidation("X-Name", "Zoë 日本");
        using var answer = await client.SendAsync(request);

        (await answer.Content.ReadFromJsonAsync<SampleApp.Seen>())!.Headers["X-Name"].Should().Be("Zoë 日本");
    }

    [Fact]
    public async Task A_header_that_is_no_text_is_the_callers_fault()
    {
        using var client = new HttpClient(new SocketsHttpHandler { RequestHeaderEncodingSelector = (_, _) => Encoding.Latin1 });
        using var request = new HttpRequestMessage(HttpMethod.Get, host.Cloud.Endpoints.Functions + "/api/echo");
        request.Headers.TryAddWithoutValidation("X-Name", "Zoë");

        (await client.SendAsync(request)).StatusCode.Should().Be(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task The_host_adds_its_headers_and_keeps_the_callers()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/echo");
        request.Headers.Add("X-Mine", "kept");
        request.Headers.Add("User-Agent", "tester/1.0");
        request.Headers.Add("X-Forwarded-For", "203.0.113.7");

        var seen = await Echo(request);

        seen.Headers["X-Mine"].Should().Be("kept");
        seen.Headers["Host"].Should().Be(new Uri(host.Cloud.Endpoints.Functions).Authority);
        seen.Headers["User-Agent"].Should().MatchRegex(@"^tester/1\.0 Azure-Functions-Host/4\.");
        seen.Headers["X-Forwarded-For"].Should().MatchRegex(@"^203\.0\.113\.7, (127\.0\.0\.1|::1)$");
        seen.Headers["X-Forwarded-Proto"].Should().Be("http");
        seen.Headers["X-Azure-Functions-InvocationId"].Should().MatchRegex("^[0-9a-f-]{36}$");
        seen.Headers.Should().ContainKey("X-Azure-Functions-HostVersion");
    }

    [Fact]
    public async Task A_caller_can_not_choose_the_invocation_id()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/echo");
        request.Headers.Add("X-Azure-Functions-InvocationId", "forged");

        (await Echo(request)).Headers["X-Azure-Functions-InvocationId"].Should().NotContain("forged");
    }

    [Fact]
    public async Task A_body_with_a_length_arrives_with_its_type()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/echo") { Content = new StringContent("""{"a":1}""", Encoding.UTF8, "application/merge-patch+json") };

        var seen = await Echo(request);

        seen.Body.Should().Be("""{"a":1}""");
        seen.Headers["Content-Type"].Should().StartWith("application/merge-patch+json");
    }

    [Theory]
    [InlineData("GET", "/api/nothing-here")]
    [InlineData("GET", "/nothing-here")]
    [InlineData("DELETE", "/api/echo")]
    [InlineData("GET", "/api/numbered/abc")]
    [InlineData("POST", "/Tick")]
    [InlineData("GET", "/")]
    public async Task What_no_function_declares_is_a_404_of_the_host(string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var answer = await host.Cloud.App.SendAsync(request);

        answer.StatusCode.Should().Be(HttpStatusCode.NotFound);
        (await answer.Content.ReadAsStringAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task A_route_constraint_lets_through_what_fits() =>
        (await host.Cloud.App.GetFromJsonAsync<SampleApp.Seen>("/api/numbered/42"))!.Target.Should().Be("/api/numbered/42");

    [Fact]
    public async Task Redirects_and_cookies_are_passed_on()
    {
        using var answer = await host.Cloud.App.GetAsync("/api/redirect");

        answer.StatusCode.Should().Be(HttpStatusCode.Redirect);
        answer.Headers.Location.Should().Be(new Uri("/api/elsewhere", UriKind.Relative));
        answer.Headers.GetValues("Set-Cookie").Should().ContainSingle().Which.Should().StartWith("seen=yes");
    }

    [Fact]
    public async Task A_proxied_answer_streams()
    {
        using var answer = await host.Cloud.App.GetAsync("/api/stream", HttpCompletionOption.ResponseHeadersRead);
        await using var body = await answer.Content.ReadAsStreamAsync();
        var first = new byte[5];

        await body.ReadExactlyAsync(first);

        Encoding.ASCII.GetString(first).Should().Be("first");
    }

    [Fact]
    public async Task A_proxied_body_needs_no_length()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/echo") { Content = JsonContent.Create(new { a = 1 }) };
        request.Headers.TransferEncodingChunked = true;

        (await Echo(request)).Body.Should().Be("""{"a":1}""");
    }

    [Fact]
    public async Task A_forwarded_body_without_a_length_arrives_empty()
    {
        using var app = new SampleAppFolder(proxies: false);
        await using var cloud = await LocalAzureProcess.Start(app);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/echo") { Content = JsonContent.Create(new { a = 1 }) };
        request.Headers.TransferEncodingChunked = true;
        using var answer = await cloud.App.SendAsync(request);

        (await answer.Content.ReadFromJsonAsync<SampleApp.Seen>())!.Body.Should().BeEmpty();
        (await cloud.App.PostAsJsonAsync("/api/echo", new { a = 1 })).StatusCode.Should().Be(HttpStatusCode.OK);
    }

    private async Task<SampleApp.Seen> Echo(HttpRequestMessage request)
    {
        using var answer = await host.Cloud.App.SendAsync(request);
        answer.StatusCode.Should().Be(HttpStatusCode.OK);
        return (await answer.Content.ReadFromJsonAsync<SampleApp.Seen>())!;
    }
}
