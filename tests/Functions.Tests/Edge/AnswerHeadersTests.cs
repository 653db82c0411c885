using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using CustomerFunctions.Tests.Access;
using Microsoft.AspNetCore.WebUtilities;

namespace CustomerFunctions.Tests.Edge;

/// <summary>What every answer says to caches and browsers, whichever route gives it.</summary>
public sealed class AnswerHeadersTests
{
    private static readonly string[] SecretFields = ["key", "secret", "accessToken", "refreshToken", "recoveryCodes", "value", "challenge", "deviceToken", "uri"];

    [Fact]
    public async Task Every_answer_of_every_route_may_be_sniffed_by_nobody_and_kept_by_no_shared_cache()
    {
        var app = await App.Shared;
        var (person, path) = await Person.Owning(app);
        var key = app.Caller(await app.CreateApiKey(path.Split('/')[^1]));
        var wrong = new List<string>();
        var asked = 0;
        foreach (var route in PolicyTests.Routes(await app.Description))
        {
            var called = string.Join('/', route.Path.Split('/').Select(segment => segment switch { "{customerId}" => path.Split('/')[^1], "{code}" => "stale", "{flag}" => "webhooks", _ when segment.StartsWith('{') => "none", _ => segment }));
            foreach (var caller in route.Permission is null ? new[] { app.Caller(key: null) } : [app.Caller(key: null), app.Admin, person.Api, key])
            {
                // Ends the session that the others of this walk use.
                if (route.Path.StartsWith("/api/auth/sign-out", StringComparison.Ordinal)) { continue; }
                var answer = await caller.Send(new HttpMethod(route.Method), called, route.Method is "GET" or "DELETE" ? null : "{}", contentType: route.Method == "PATCH" ? "application/merge-patch+json" : "application/json");
                var cache = answer.Headers.CacheControl?.ToString();
                string?[] expected = route.Method != "GET" || answer.Status >= 400 ? ["no-store"] : route.Permission is null ? [null] : ["no-cache, private", "no-store"];
                if (!expected.Contains(cache)) { wrong.Add($"{route.Method} {route.Path} {answer.Status}: {cache}"); }
                if (!answer.Headers.TryGetValues("X-Content-Type-Options", out var sniff) || sniff.Single() != "nosniff") { wrong.Add($"{route.Method} {route.Path} {answer.Status}: no nosniff"); }
                if (answer.Headers.Contains("Strict-Transport-Security")) { wrong.Add($"{route.Method} {route.Path}: HSTS over http"); }
                asked++;
            }
        }
        asked.Should().BeGreaterThan(200);
        wrong.Should().BeEmpty();
    }

    [Fact]
    public async Task What_has_a_token_or_a_secret_in_it_is_no_answer_to_a_GET_and_is_never_stored()
    {
        var app = await App.Shared;
        var description = await app.Description;
        var showing = PolicyTests.Routes(description).Where(route => Fields(description, route).Intersect(SecretFields).Any()).ToList();
        showing.Select(route => route.Path).Should().Contain(["/api/auth/switch-customer", "/api/auth/refresh", "/api/auth/token", "/api/auth/sign-in", "/api/customers/{customerId}/api-keys", "/api/auth/second-factor", "/api/customers/{customerId}/webhooks"]);
        // The pages of lists are called value.
        showing.Where(route => route.Method == "GET" && Fields(description, route).Intersect(SecretFields).Any(field => field != "value")).Should().BeEmpty();

        var person = await Person.SignedUp(app);
        var customer = (string)(await app.CreateCustomer())["id"]!;
        (await app.Admin.Put($"/api/customers/{customer}/members/{await person.Id()}", new { role = "viewer" })).ShouldBe(201);
        (await person.Api.Post("/api/auth/switch-customer", new { customerId = customer })).ShouldBe(200).Headers.CacheControl!.NoStore.Should().BeTrue();
    }

    [Fact]
    public async Task A_browser_that_came_over_TLS_is_told_to_stay_there_and_only_then()
    {
        var app = await App.Shared;
        var instance = await app.UrlOf(0);
        foreach (var (scheme, told) in new[] { ("https", true), ("http", false), (null, false) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, instance + "/api/health/live");
            if (scheme is not null) { request.Headers.TryAddWithoutValidation("X-Forwarded-Proto", scheme); }
            var answer = (await app.Caller(key: null).Send(request)).ShouldBe(200);
            answer.Headers.Contains("Strict-Transport-Security").Should().Be(told, "the scheme was {0}", scheme);
            if (told) { answer.Headers.GetValues("Strict-Transport-Security").Single().Should().Be("max-age=31536000"); }
        }
    }

    [Fact]
    public async Task A_cursor_that_was_made_up_is_refused_and_one_of_another_instance_or_an_earlier_life_is_good()
    {
        await using var app = await App.StartWithoutSchedules("--instances", "2");
        var id = (string)(await app.CreateCustomer())["id"]!;
        for (var i = 0; i < 3; i++) { (await app.Admin.Put($"/api/customers/{id}/members/{await (await Person.SignedUp(app)).Id()}", new { role = "viewer" })).ShouldBe(201); }
        var path = $"/api/customers/{id}/members";
        var all = (await app.Admin.Get(path)).ShouldBe(200)["value"]!.AsArray().Select(member => (string)member!["accountId"]!).ToList();

        byte[] forged = [.. SHA256.HashData([.. Encoding.UTF8.GetBytes($"members|{id}"), 0, .. Encoding.UTF8.GetBytes(all[0])])[..8], .. Encoding.UTF8.GetBytes(all[0])];
        (await app.Admin.Get($"{path}?continuation={WebEncoders.Base64UrlEncode(forged)}")).ShouldBeRefused(400, "invalid-request", "?continuation");

        var next = (string)(await (await app.AdminAt(0)).Get(path + "?maxpagesize=1")).ShouldBe(200)["nextLink"]!;
        next.Should().NotContain(WebEncoders.Base64UrlEncode(Encoding.UTF8.GetBytes(all[0]))[4..]);
        var query = new Uri(next).Query;
        await Second(1);
        await app.Cloud.Outlive(0, async () => (await app.Cloud.OnInstance(0, "kill")).EnsureSuccessStatusCode());
        await Second(0);

        async Task Second(int instance) => ((string)(await (await app.AdminAt(instance)).Get(path + query)).ShouldBe(200)["value"]![0]!["accountId"]!).Should().Be(all[1]);
    }

    /// <summary>The names of what a success of a route has in it.</summary>
    private static IEnumerable<string> Fields(ApiDescription description, PolicyTests.Route route)
    {
        var responses = description.Document["paths"]![route.Path]![route.Method.ToLowerInvariant()]!["responses"]!.AsObject();
        var schemas = responses.Where(response => response.Key.StartsWith('2')).Select(response => response.Value!["content"]?["application/json"]?["schema"]).OfType<JsonObject>();
        return schemas.SelectMany(schema => Named(description, schema));
    }

    private static IEnumerable<string> Named(ApiDescription description, JsonObject schema) =>
        (string?)schema["$ref"] is { } reference ? Named(description, description.Document["components"]!["schemas"]![reference.Split('/')[^1]]!.AsObject())
        : schema["oneOf"] is JsonArray either ? either.OfType<JsonObject>().SelectMany(one => Named(description, one))
        : schema["properties"] is JsonObject properties ? properties.Select(property => property.Key) : [];
}
