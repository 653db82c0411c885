using System.Text;
using System.Text.Json.Nodes;

namespace CustomerFunctions.Tests.Edge;

/// <summary>The host's older way to hand a request on: it builds a new one, and a body without a length does not come along. The app behaves the same.</summary>
public sealed class ForwardingModeTests
{
    [Fact]
    public async Task An_app_whose_requests_are_forwarded_answers_as_one_whose_requests_are_proxied()
    {
        var folder = CopyOfTheApp(host => host["customHandler"] = Forwarding(host["customHandler"]!.AsObject()));
        try { await AnswersAsEver(folder); }
        finally { folder.Delete(recursive: true); }
    }

    private static async Task AnswersAsEver(DirectoryInfo folder)
    {
        await using var app = await App.StartWithoutSchedules("--app", folder.FullName);
        var body = $$"""{"name":"Ada","email":"{{App.NewEmail()}}"}""";

        using var chunked = new HttpRequestMessage(HttpMethod.Post, app.Cloud.Endpoint("functions") + "/api/customers") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        chunked.Headers.TransferEncodingChunked = true;
        // It arrives empty, with a length of zero.
        (await app.Admin.Send(chunked)).ShouldBeRefused(400, "invalid-request");
        (await app.Admin.Post("/api/customers", "{")).ShouldBeRefused(400, "invalid-request");
        (await app.Admin.Post("/api/customers", new string(' ', (256 * 1024) + 1))).ShouldBeRefused(413, "too-large");
        (await app.Admin.Send(HttpMethod.Post, "/api/customers", body, contentType: "text/plain")).ShouldBeRefused(415, "unsupported-media-type");

        var created = (await app.Admin.Post("/api/customers", body)).ShouldBe(201);
        var path = $"/api/customers/{created["id"]}";
        (await app.Admin.Patch(path, new { displayName = "Countess" }, created.ETag)).ShouldBe(200);
        (await app.Admin.Patch(path, new { displayName = "Lady" }, created.ETag)).ShouldBeRefused(412, "stale");
        (await app.Admin.Post(path + "/deactivate")).ShouldBe(200);
        (await app.Caller(key: null).Get(path)).ShouldBeRefused(401, "unauthenticated").Headers.WwwAuthenticate.Should().NotBeEmpty();
        (await app.Admin.Get("/api/customers?maxpagesize=0")).ShouldBeRefused(400, "invalid-request", "?maxpagesize");
        (await app.Admin.Delete(path, "*")).ShouldBe(204);
    }

    private static JsonObject Forwarding(JsonObject handler)
    {
        handler.Remove("enableProxyingHttpRequest").Should().BeTrue("proxying is what the app is deployed with");
        handler["enableForwardingHttpRequest"] = true;
        return handler.DeepClone().AsObject();
    }

    private static DirectoryInfo CopyOfTheApp(Action<JsonObject> changeHost)
    {
        var source = LocalCloud.BuiltApp;
        var copy = Directory.CreateTempSubdirectory("customer-functions-app-");
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(copy.FullName, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
        var hostFile = Path.Combine(copy.FullName, "host.json");
        var host = JsonNode.Parse(File.ReadAllText(hostFile))!.AsObject();
        changeHost(host);
        File.WriteAllText(hostFile, host.ToJsonString());
        return copy;
    }
}
