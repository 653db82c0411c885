using System.Text.Json.Nodes;

namespace CustomerFunctions.Tests.Edge;

/// <summary>Rules for values of one kind, wherever in a request they stand: the OpenAPI document names the places.</summary>
public sealed class RequestValueTests
{
    /// <summary>A body there is read when its signature is right, by the same reader.</summary>
    private const string Signed = "/api/webhooks/";

    /// <summary>Where the machine's own time is not UTC, so that a time that is taken for local comes to light.</summary>
    private static readonly Lazy<Task<App>> InNewYork = new(() => App.StartWithoutSchedules("--setting", "TZ=America/New_York"));

    private static readonly string[] WithoutOffset = ["2027-07-01", "2027-07-01T09:30", "2027-07-01T09:30:00", "2027-07-01T09:30:00.123"];

    [Fact]
    public async Task A_time_in_a_body_says_its_offset()
    {
        var app = await InNewYork.Value;
        var path = $"/api/customers/{(await app.CreateCustomer())["id"]}";
        var key = (await app.Admin.Post($"{path}/api-keys", new { name = "ci", expiresAt = "2027-07-01T09:30:00.123456789+02:00" })).ShouldBe(201);
        ((string)key["expiresAt"]!).Should().Be("2027-07-01T07:30:00.123Z");
        var members = (await app.Description).BodyMembers().Where(member => (string?)member.Schema["format"] == "date-time" && !member.Path.StartsWith(Signed, StringComparison.Ordinal)).ToList();

        members.Should().HaveCountGreaterThan(2);
        foreach (var member in members)
        {
            foreach (var text in WithoutOffset)
            {
                var answer = await Send(app, member, path, (string)key["id"]!, JsonValue.Create(text));
                answer.ShouldBeRefused(400, "invalid-request", member.Pointer);
                answer.Body.Should().Contain("offset");
            }
        }
    }

    [Fact]
    public async Task A_time_in_a_query_says_its_offset()
    {
        var app = await InNewYork.Value;
        var customer = (string)(await app.CreateCustomer())["id"]!;
        var account = (string)(await app.CreateServiceAccount(customer))["id"]!;
        var person = await Person.SignedUp(app);
        (await app.Admin.Put($"/api/customers/{customer}/feature-flags/auditExport", new { enabled = true })).ShouldBe(200);
        var document = (await app.Description).Document;
        var parameters = (
            from path in document["paths"]!.AsObject()
            from parameter in path.Value!["get"]?["parameters"]?.AsArray() ?? []
            where (string)parameter!["name"]! is "from" or "to"
            select (Path: path.Key.Replace("{customerId}", customer, StringComparison.Ordinal).Replace("{serviceAccountId}", account, StringComparison.Ordinal), Name: (string)parameter["name"]!)).ToList();

        parameters.Should().HaveCountGreaterThan(7);
        foreach (var (path, name) in parameters.Where(parameter => !parameter.Path.Contains('{')))
        {
            var caller = path.StartsWith("/api/auth/", StringComparison.Ordinal) ? person.Api : app.Admin;
            foreach (var text in WithoutOffset.Append("July 1, 2027")) { (await caller.Get($"{path}?{name}={Uri.EscapeDataString(text)}")).ShouldBeRefused(400, "invalid-request", "?" + name); }
        }
        (await app.Admin.Get($"/api/customers/{customer}/audit-log?from=2026-01-01T00:00:00%2B02:00")).ShouldBe(200);
    }

    [Fact]
    public async Task An_integer_may_be_written_with_a_fraction_of_zero()
    {
        var app = await InNewYork.Value;
        var path = $"/api/customers/{(await app.CreateCustomer())["id"]}";
        var key = (string)(await app.Admin.Post($"{path}/api-keys", new { name = "ci" })).ShouldBe(201)["id"]!;
        var members = (await app.Description).BodyMembers().Where(member => member.Is("integer") && !member.Path.StartsWith(Signed, StringComparison.Ordinal)).ToList();

        members.Should().HaveCountGreaterThan(2);
        foreach (var member in members)
        {
            foreach (var whole in new[] { "1.0", "1e0", "10E-1", "-0.0" }) { IsWrongType(await Send(app, member, path, key, JsonNode.Parse(whole))).Should().BeFalse("{0} takes {1}", member, whole); }
            foreach (var other in new[] { "1.5", "1e400", "1e-1", "9223372036854775808", "\"1\"" }) { IsWrongType(await Send(app, member, path, key, JsonNode.Parse(other))).Should().BeTrue("{0} refuses {1}", member, other); }

            bool IsWrongType(Answer answer) =>
                answer.Status == 400 && answer["errors"]!.AsArray().Any(error => (string?)error!["pointer"] == member.Pointer && (string?)error["code"] == "wrong-type");
        }
    }

    /// <summary>Sends a body that has this value and nothing else.</summary>
    private static Task<Answer> Send(App app, BodyMember member, string customer, string keyId, JsonNode? value) => app.Admin.Send(
        member.Method, member.Path.Replace("/api/customers/{customerId}", customer, StringComparison.Ordinal).Replace("{keyId}", keyId, StringComparison.Ordinal),
        member.Body(value)!.ToJsonString(), "*", member.ContentType);
}
