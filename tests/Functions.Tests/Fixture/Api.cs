using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CustomerFunctions.Tests.Fixture;

/// <summary>Calls the app over HTTP with one key, and hands back what came, if the OpenAPI document has it.</summary>
internal sealed class Api(string baseUrl, string? key, App app)
{
    private static readonly HttpClient Http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { Timeout = TimeSpan.FromSeconds(60) };

    public Task<Answer> Get(string path) => Send(HttpMethod.Get, path);

    public Task<Answer> Post(string path, object? body = null) => Send(HttpMethod.Post, path, body);

    public Task<Answer> Put(string path, object body, string? ifMatch = null) => Send(HttpMethod.Put, path, body, ifMatch);

    public Task<Answer> Patch(string path, object body, string? ifMatch = null) => Send(HttpMethod.Patch, path, body, ifMatch, "application/merge-patch+json");

    public Task<Answer> Delete(string path, string? ifMatch = null) => Send(HttpMethod.Delete, path, body: null, ifMatch);

    /// <summary>A path as a whole URL; a URL as it is.</summary>
    public string Url(string path) => path.StartsWith("http", StringComparison.Ordinal) ? path : baseUrl + path;

    /// <summary>A string body is sent as it is, anything else as JSON.</summary>
    public Task<Answer> Send(HttpMethod method, string path, object? body = null, string? ifMatch = null, string contentType = "application/json")
    {
        var request = new HttpRequestMessage(method, Url(path));
        if (ifMatch is not null) { request.Headers.TryAddWithoutValidation("If-Match", ifMatch); }
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body as string ?? JsonSerializer.Serialize(body)));
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        }
        return Send(request);
    }

    public async Task<Answer> Send(HttpRequestMessage request)
    {
        if (key is not null && request.Headers.Authorization is null) { request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key); }
        using (request)
        using (var response = await Http.SendAsync(request))
        {
            var body = await response.Content.ReadAsStringAsync();
            // Without a body it is the host that refuses: the app explains itself.
            if (response.IsSuccessStatusCode || body.Length > 0) { (await app.Description).ShouldExplain(request.Method.Method, request.RequestUri!.AbsolutePath, (int)response.StatusCode, app.Cloud.Errors); }
            if (body.Length > 0 && !(response.IsSuccessStatusCode && (await app.Description).Reveals(request.Method.Method, request.RequestUri!.AbsolutePath))) { app.Cloud.KeepAnswer(body); }
            return new Answer((int)response.StatusCode, body, response.Headers, response.Content.Headers);
        }
    }
}

/// <summary>What came back.</summary>
internal sealed record Answer(int Status, string Body, HttpResponseHeaders Headers, HttpContentHeaders ContentHeaders)
{
    public JsonObject Object => JsonNode.Parse(Body)!.AsObject();

    public string ETag => Headers.GetValues("ETag").Single();

    public JsonNode? this[string property] => Object[property];

    public Answer ShouldBe(int status)
    {
        Status.Should().Be(status, "the answer was {0}", Body);
        return this;
    }

    /// <summary>A refusal with this code, in the one form that refusals have; with <paramref name="pointer"/>, one that names the field.</summary>
    public Answer ShouldBeRefused(int status, string code, string? pointer = null)
    {
        ShouldBe(status);
        ContentHeaders.ContentType?.MediaType.Should().Be("application/problem+json");
        var problem = Object;
        ((string?)problem["code"]).Should().Be(code, "the answer was {0}", Body);
        // A reached limit has the type that every API gives it.
        ((string?)problem["type"]).Should().EndWith(status == 429 ? "#quota-exceeded" : "/api/problems/" + code);
        ((int?)problem["status"]).Should().Be(status);
        ((string?)problem["title"]).Should().NotBeNullOrEmpty();
        ((string?)problem["detail"]).Should().NotBeNullOrEmpty();
        ((string?)problem["traceId"]).Should().NotBeNullOrEmpty();
        if (pointer is not null) { problem["errors"]!.AsArray().Select(error => (string?)error!["pointer"]).Should().Contain(pointer, "the answer was {0}", Body); }
        return this;
    }
}
