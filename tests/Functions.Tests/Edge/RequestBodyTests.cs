using System.Text;

namespace CustomerFunctions.Tests.Edge;

/// <summary>How a body may be written: JSON in UTF-8, without a content coding. The rule holds on every route with a body.</summary>
public sealed class RequestBodyTests
{
    [Theory]
    [InlineData("charset=utf-8")]
    [InlineData("charset=UTF-8")]
    [InlineData("charset=\"utf-8\"")]
    [InlineData("charset=\"Utf-8\"; profile=x")]
    [InlineData("profile=x")]
    public async Task UTF_8_is_read_quoted_or_not(string parameters)
    {
        var app = await App.Shared;
        (await Post(app, "/api/customers", $$"""{"name":"Zoë","email":"{{App.NewEmail()}}"}""", $"application/json; {parameters}")).ShouldBe(201)["name"]!.GetValue<string>().Should().Be("Zoë");

        var customer = await app.CreateCustomer();
        using var patch = Request(app, HttpMethod.Patch, $"/api/customers/{customer["id"]}", """{"name":"Zoë"}""", $"application/merge-patch+json; {parameters}");
        patch.Headers.TryAddWithoutValidation("If-Match", "*");
        (await app.Admin.Send(patch)).ShouldBe(200)["name"]!.GetValue<string>().Should().Be("Zoë");
    }

    [Theory]
    [InlineData("charset=klingon")]
    [InlineData("charset=\"\"")]
    [InlineData("charset=")]
    [InlineData("charset=utf-16")]
    [InlineData("charset=iso-8859-1")]
    [InlineData("charset=utf-7")]
    [InlineData("charset='utf-8'")]
    [InlineData("charset=klingon; charset=utf-8")]
    [InlineData("charset=utf-8; charset=klingon")]
    public async Task Every_route_refuses_another_charset(string parameters)
    {
        var app = await App.Shared;
        foreach (var (method, path, contentType) in await Bodies(app))
        {
            (await Send(app, method, path, contentType + "; " + parameters)).ShouldBeRefused(415, "unsupported-media-type");
        }
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("identity, gzip")]
    [InlineData("klingon")]
    public async Task Every_route_refuses_a_content_coding_and_says_which_it_takes(string coding)
    {
        var app = await App.Shared;
        foreach (var (method, path, contentType) in await Bodies(app))
        {
            var answer = await Send(app, method, path, contentType, coding);
            answer.ShouldBeRefused(415, "unsupported-media-type");
            answer.Headers.GetValues("Accept-Encoding").Should().Equal("identity");
        }
    }

    /// <summary>Whatever refuses the body, the caller is told how its limit stands.</summary>
    [Theory]
    [InlineData("{", "")]
    [InlineData("[]", "")]
    [InlineData("{\"a\":\"\\ud800\"}", "")]
    [InlineData("{}", "; charset=klingon")]
    [InlineData("", "")]
    public async Task Every_refusal_of_a_body_says_how_the_callers_limit_stands(string body, string parameters)
    {
        var app = await App.Shared;
        foreach (var (method, path, contentType) in await Bodies(app, isKnown: true))
        {
            using var request = Request(app, HttpMethod.Parse(method.ToUpperInvariant()), path, body, contentType + parameters);
            var answer = await app.Admin.Send(request);
            answer.Status.Should().BeOneOf([400, 404, 415], "{0} {1}", method, path);
            answer.Headers.TryGetValues("RateLimit", out var limit).Should().BeTrue("{0} {1} answered {2}", method, path, answer.Body);
            limit!.Single().Should().StartWith("\"requests\";r=");
            answer.Headers.Contains("RateLimit-Policy").Should().BeTrue();
        }
    }

    [Fact]
    public async Task The_coding_identity_is_none()
    {
        var app = await App.Shared;
        using var request = Request(app, HttpMethod.Post, "/api/customers", $$"""{"name":"Ada","email":"{{App.NewEmail()}}"}""", "application/json");
        request.Content!.Headers.ContentEncoding.Add("identity");
        (await app.Admin.Send(request)).ShouldBe(201);
    }

    /// <summary>Every operation with a body that the administrator reaches.</summary>
    private static async Task<IReadOnlyList<(string Method, string Path, string ContentType)>> Bodies(App app, bool isKnown = false)
    {
        var customerId = (string)(await app.CreateCustomer())["id"]!;
        var paths = (await app.Description).Document["paths"]!.AsObject();
        var bodies = new List<(string, string, string)>();
        foreach (var (template, operations) in paths)
        {
            var path = string.Join('/', template.Replace("{customerId}", customerId, StringComparison.Ordinal).Split('/').Select(segment => segment.StartsWith('{') ? "x" : segment));
            foreach (var (method, operation) in operations!.AsObject())
            {
                if (operation?["requestBody"]?["content"]?.AsObject().First().Key is not { } contentType || (isKnown && operation["x-permission"] is null)) { continue; }
                // What the door does not open to the administrator (a feature that a trial lacks, a person's own account) reads no body.
                if ((await Send(app, method, path, contentType)).Status is not (401 or 403)) { bodies.Add((method, path, contentType)); }
            }
        }
        bodies.Should().HaveCountGreaterThan(20);
        return bodies;
    }

    private static async Task<Answer> Send(App app, string method, string path, string contentType, string? coding = null)
    {
        using var request = Request(app, HttpMethod.Parse(method.ToUpperInvariant()), path, "{}", contentType);
        if (coding is not null) { request.Content!.Headers.TryAddWithoutValidation("Content-Encoding", coding); }
        return await app.Admin.Send(request);
    }

    private static async Task<Answer> Post(App app, string path, string body, string contentType)
    {
        using var request = Request(app, HttpMethod.Post, path, body, contentType);
        return await app.Admin.Send(request);
    }

    private static HttpRequestMessage Request(App app, HttpMethod method, string path, string body, string contentType)
    {
        var request = new HttpRequestMessage(method, app.Cloud.Endpoint("functions") + path) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType).Should().BeTrue();
        return request;
    }
}
