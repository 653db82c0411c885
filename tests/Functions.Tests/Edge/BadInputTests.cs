using System.Net.Http.Headers;
using System.Text;

namespace CustomerFunctions.Tests.Edge;

/// <summary>What a route cannot use is refused with a problem that says where it is wrong, and leaves nothing behind.</summary>
public sealed class BadInputTests
{
    /// <summary>Bodies that no creation takes, the field that the refusal names, and its code.</summary>
    public static TheoryData<string, string?, string?> Bodies => new()
    {
        { "{}", "/name", "required" },
        { """{"name":"Ada"}""", "/email", "required" },
        { """{"name":"Ada","email":"E","nmae":1}""", "/nmae", "unknown-field" },
        { """{"Name":"Ada","email":"E"}""", "/Name", "unknown-field" },
        { """{"name":"Ada","email":"E","status":"active"}""", "/status", "unknown-field" },
        { """{"name":"Ada","email":"E","address":{"street":"x"}}""", "/address/street", "unknown-field" },
        { """{"name":"Ada","email":"E","a/b~c":1}""", "/a~1b~0c", "unknown-field" },
        { """{"name":5,"email":"E"}""", "/name", "wrong-type" },
        { """{"name":["Ada"],"email":"E"}""", "/name", "wrong-type" },
        { """{"name":"Ada","email":"E","settings":"x"}""", "/settings", "wrong-type" },
        { """{"name":"Ada","email":"E","settings":[]}""", "/settings", "wrong-type" },
        { """{"name":"Ada","email":"E","metadata":{"a":1}}""", "/metadata/a", "wrong-type" },
        { """{"name":"Ada","email":"E","contacts":{"billing":{"email":true}}}""", "/contacts/billing/email", "wrong-type" },
        { """{"name":"Ada","email":"E","name":"Eve"}""", "/name", "duplicate-field" },
        { """{"name":"Ada","email":"E","settings":{"a":1,"a":2}}""", "/settings", "duplicate-field" },
        { """{"name":"Ada","email":"E","metadata":{"a":"1","a":"2"}}""", null, "duplicate-field" },
        { """{"name":"Ada\ud800","email":"E"}""", "/name", "wrong-type" },
        { """{"name":"Ada","email":"E","settings":{"\udc00":1}}""", "/settings", "wrong-type" },
        { """{"name":"Ada\u0000","email":"E"}""", "/name", "control-character" },
        { """{"name":"Ada","email":"E","description":"\u0000"}""", "/description", "control-character" },
        { """{"name":"Ada","email":"E","metadata":{"a\u0000":"b"}}""", "/metadata", "malformed" },
        { """{"name":"Ada","email":"E"}}""", "", "malformed-json" },
        { """{"name":"Ada","email":"E",}""", null, "malformed-json" },
        { """{"name":"Ada" /* x */,"email":"E"}""", null, "malformed-json" },
        { """{'name':'Ada'}""", null, "malformed-json" },
        { """{"name":""", null, "malformed-json" },
        { "{", null, "malformed-json" },
        { "not json", null, "malformed-json" },
        { "\ufeff{}", null, null },
        { "[]", "", "wrong-type" },
        { "[{}]", "", "wrong-type" },
        { "\"x\"", "", "wrong-type" },
        { "null", "", "wrong-type" },
        { "7", "", "wrong-type" },
        { " ", null, "malformed-json" },
        { $$"""{"name":"Ada","email":"E","settings":{{string.Concat(Enumerable.Repeat("{\"a\":", 40))}}1{{new string('}', 40)}}}""", "/settings", "malformed-json" },
        { new string('[', 100_000), "", "wrong-type" },
        { $$"""{"name":"Ada","email":"E","settings":{"a":{{new string('[', 100_000)}}""", "/settings", "malformed-json" },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task A_body_that_is_wrong_is_refused_where_it_is_wrong(string body, string? field, string? code)
    {
        var app = await App.Shared;
        var email = App.NewEmail();

        var refused = (await app.Admin.Post("/api/customers", body.Replace("\"E\"", $"\"{email}\"", StringComparison.Ordinal))).ShouldBeRefused(400, "invalid-request", field);

        if (code is not null) { ((string?)refused["errors"]![0]!["code"]).Should().Be(code, refused.Body); }
        refused.Body.Should().NotContain("System.").And.NotContain("CustomerFunctions");
        (await app.Data.CustomersWith(email)).Should().BeEmpty();
        (await app.Data.All("directory")).Should().NotContain(claim => (string)claim["id"]! == "email:" + email);
    }

    [Fact]
    public async Task Bytes_that_are_no_UTF8_are_refused()
    {
        var app = await App.Shared;
        byte[] body = [.. Encoding.UTF8.GetBytes("{\"email\":\"a@example.com\",\"name\":\"Ada"), 0xff, 0xfe, .. Encoding.UTF8.GetBytes("\"}")];
        (await Post(app, new ByteArrayContent(body), "application/json")).ShouldBeRefused(400, "invalid-request", "/name");
        byte[] settings = [.. Encoding.UTF8.GetBytes($$"""{"email":"{{App.NewEmail()}}","name":"Ada","settings":{"a":"""), (byte)'"', 0xff, (byte)'"', .. Encoding.UTF8.GetBytes("}}")];
        (await Post(app, new ByteArrayContent(settings), "application/json")).ShouldBeRefused(400, "invalid-request", "/settings");

        var customer = await app.CreateCustomer();
        using var patch = new HttpRequestMessage(HttpMethod.Patch, $"{app.Cloud.Endpoint("functions")}/api/customers/{customer["id"]}") { Content = new ByteArrayContent(body) };
        patch.Content.Headers.ContentType = MediaTypeHeaderValue.Parse("application/merge-patch+json");
        patch.Headers.TryAddWithoutValidation("If-Match", "*");
        (await app.Admin.Send(patch)).ShouldBeRefused(400, "invalid-request");
    }

    [Theory]
    [InlineData(null, 415)]
    [InlineData("text/plain", 415)]
    [InlineData("application/x-www-form-urlencoded", 415)]
    [InlineData("application/merge-patch+json", 415)]
    [InlineData("multipart/form-data; boundary=x", 415)]
    [InlineData("application/json; charset=utf-8", 201)]
    [InlineData("application/vnd.example+json", 201)]
    public async Task A_body_says_that_it_is_JSON(string? contentType, int status)
    {
        var app = await App.Shared;
        var answer = await Post(app, new ByteArrayContent(Encoding.UTF8.GetBytes($$"""{"name":"Ada","email":"{{App.NewEmail()}}"}""")), contentType);
        if (status == 415) { answer.ShouldBeRefused(415, "unsupported-media-type"); }
        else { answer.ShouldBe(status); }
    }

    [Fact]
    public async Task A_body_without_a_length_is_refused_with_411_and_an_empty_one_with_400()
    {
        var app = await App.Shared;
        using var chunked = new HttpRequestMessage(HttpMethod.Post, app.Cloud.Endpoint("functions") + "/api/customers") { Content = new StringContent($$"""{"name":"Ada","email":"{{App.NewEmail()}}"}""", Encoding.UTF8, "application/json") };
        chunked.Headers.TransferEncodingChunked = true;
        (await app.Admin.Send(chunked)).ShouldBeRefused(411, "length-required");
        (await Post(app, new ByteArrayContent([]), "application/json")).ShouldBeRefused(400, "invalid-request");
    }

    [Fact]
    public async Task A_body_of_more_than_256_KiB_is_refused_with_413_and_one_byte_less_is_read()
    {
        var app = await App.Shared;
        var frame = $$"""{"name":"Ada","email":"{{App.NewEmail()}}","description":""}""";
        string Body(int size) => frame.Replace("\"description\":\"\"", $"\"description\":\"{new string('d', size - frame.Length)}\"", StringComparison.Ordinal);

        (await app.Admin.Post("/api/customers", Body((256 * 1024) + 1))).ShouldBeRefused(413, "too-large");
        (await app.Admin.Post("/api/customers", Body(256 * 1024))).ShouldBeRefused(400, "invalid-request", "/description");
    }

    [Theory]
    [InlineData("/api/customers/%2e%2e", 404)]
    [InlineData("/api/customers/..%2f..%2fadmin", 404)]
    [InlineData("/api/customers/%2e%2e%2f%2e%2e", 404)]
    [InlineData("/api/customers/{id}/../{id}%00", 404)]
    [InlineData("/api//customers", 404)]
    [InlineData("//api/customers", 404)]
    [InlineData("/api/customers/{id}%2fapi-keys", 404)]
    [InlineData("/api/customers/{id}%5capi-keys", 404)]
    [InlineData("/api/customers/{id}%3fx", 404)]
    [InlineData("/api/customers/{id}%23", 404)]
    [InlineData("/api/customers/%20{id}", 404)]
    [InlineData("/api/customers/{id};v=1", 404)]
    [InlineData("/api/customers/{id}/api-keys/{id}", 405)]
    [InlineData("/api/customers/{id}/service-accounts/{id}", 404)]
    [InlineData("/api/customers/{id}/service-accounts/..%2f{id}", 404)]
    [InlineData("/api/customers/%F0%9F%98%80", 404)]
    [InlineData("/api/customers/%ff%fe", 404)]
    [InlineData("/api/nothing", 404)]
    [InlineData("/", 404)]
    [InlineData("/RotateServiceAccountKeys", 404)]
    [InlineData("/api/RotateServiceAccountKeys", 404)]
    [InlineData("/api/../RotateServiceAccountKeys", 404)]
    [InlineData("/api/%2e%2e/ExpireTrials", 404)]
    public async Task A_path_that_leads_nowhere_is_not_found(string path, int status)
    {
        var app = await App.Shared;
        var customer = await app.CreateCustomer();
        foreach (var method in new[] { HttpMethod.Get, HttpMethod.Delete })
        {
            using var request = new HttpRequestMessage(method, Exactly(app.Cloud.Endpoint("functions") + path.Replace("{id}", (string)customer["id"]!, StringComparison.Ordinal)));
            (await app.Admin.Send(request)).Status.Should().BeOneOf(status, 400, 404, 405);
        }
        (await app.Admin.Get($"/api/customers/{customer["id"]}")).ShouldBe(200)["etag"]!.GetValue<string>().Should().Be((string)customer["etag"]!);
    }

    [Fact]
    public async Task Ids_of_any_length_are_not_found()
    {
        var app = await App.Shared;
        foreach (var length in new[] { 1, 29, 31, 1_000, 7_000 }) { (await app.Admin.Get("/api/customers/" + new string('c', length))).ShouldBeRefused(404, "not-found"); }
    }

    [Theory]
    [InlineData("PUT", "/api/customers")]
    [InlineData("TRACE", "/api/customers")]
    [InlineData("POST", "/api/health/live")]
    [InlineData("BREW", "/api/customers")]
    public async Task A_method_that_a_route_does_not_have_is_refused(string method, string path)
    {
        var app = await App.Shared;
        (await app.Admin.Send(new HttpMethod(method), path)).Status.Should().BeOneOf(404, 405);
    }

    [Theory]
    [InlineData("If-Match", "\"\u00e4\"")]
    [InlineData("X-Forwarded-For", "garbage, \"")]
    [InlineData("X-Forwarded-For", "::::1")]
    [InlineData("X-Forwarded-Proto", "javascript")]
    [InlineData("Accept", "nothing/at all;q=9")]
    [InlineData("traceparent", "00-zz-zz-00")]
    [InlineData("Content-Encoding", "gzip")]
    [InlineData("Expect", "something")]
    public async Task Junk_in_a_header_never_fails_the_app(string name, string value)
    {
        var app = await App.Shared;
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{app.Cloud.Endpoint("functions")}/api/customers/{(await app.CreateCustomer())["id"]}");
        if (!request.Headers.TryAddWithoutValidation(name, value)) { return; }
        try { (await app.Admin.Send(request)).Status.Should().BeOneOf(200, 400, 417, 431); }
        catch (HttpRequestException) { /* The client itself refuses to send it. */ }
    }

    private static Uri Exactly(string url) => new(url, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });

    private static async Task<Answer> Post(App app, ByteArrayContent content, string? contentType)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, app.Cloud.Endpoint("functions") + "/api/customers") { Content = content };
        content.Headers.ContentType = contentType is null ? null : MediaTypeHeaderValue.Parse(contentType);
        return await app.Admin.Send(request);
    }
}
