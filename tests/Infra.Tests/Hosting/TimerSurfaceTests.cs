using System.Net;
using System.Text;

namespace Infra.Tests.Hosting;

/// <summary>Timer calls come to the same port as public requests. Only the host may make them.</summary>
public sealed class TimerSurfaceTests : IAsyncLifetime
{
    private const string Envelope = """{"Data":{"timer":{"IsPastDue":false}},"Metadata":{"sys":{"MethodName":"a timer"}}}""";

    private FunctionsApp app = null!;

    public static TheoryData<string> Timers => [.. Repository.TestedApp.Functions.Where(function => !function.IsHttp).Select(function => function.Name)];

    [Theory]
    [MemberData(nameof(Timers))]
    public async Task A_timer_does_not_exist_for_whoever_came_through_the_front_end(string timer)
    {
        (await Call(timer, "203.0.113.7")).Should().Be(HttpStatusCode.NotFound);
        (await Call(timer, "127.0.0.1")).Should().Be(HttpStatusCode.NotFound);
        (await Call(timer, "127.0.0.1, 203.0.113.7:1234")).Should().Be(HttpStatusCode.NotFound);
        (await Call(timer, "")).Should().Be(HttpStatusCode.NotFound);
    }

    /// <summary>The host sends its envelope without saying how long it is (HttpScriptInvocationContextExtensions in azure-functions-host). All at once: each waits until its dependencies have not answered.</summary>
    [Fact]
    public async Task Every_timer_runs_for_the_host_however_its_body_is_framed()
    {
        var calls = Repository.TestedApp.Functions.Where(function => !function.IsHttp).SelectMany(function => new[] { true, false }.Select(chunked => (function.Name, Chunked: chunked))).ToList();

        var answers = await Task.WhenAll(calls.Select(async call => (call.Name, call.Chunked, Status: await Call(call.Name, forwardedFor: null, call.Chunked))));

        answers.Should().NotBeEmpty().And.OnlyContain(answer => answer.Status == HttpStatusCode.InternalServerError, "no dependency is there, and the host must know that the run failed");
    }

    public async Task InitializeAsync() => app = await FunctionsApp.Start(Repository.TestedApp, FunctionsApp.Settings());

    public async Task DisposeAsync() => await app.DisposeAsync();

    private async Task<HttpStatusCode> Call(string timer, string? forwardedFor, bool chunked = false)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/" + timer) { Content = new StringContent(Envelope, Encoding.UTF8, "application/json") };
        if (forwardedFor is not null) { request.Headers.TryAddWithoutValidation("X-Forwarded-For", forwardedFor); }
        request.Headers.TransferEncodingChunked = chunked;
        using var response = await app.Http.SendAsync(request);
        return response.StatusCode;
    }
}
