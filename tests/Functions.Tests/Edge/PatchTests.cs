using System.Text.Json;
using System.Text.Json.Nodes;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using FsCheck;
using FsCheck.Fluent;

namespace CustomerFunctions.Tests.Edge;

/// <summary>A merge patch is applied whole or refused, on every route that takes one: no member of it is dropped unseen.</summary>
public sealed class PatchTests
{
    private static readonly string[] Values = ["null", "\"Ada\"", "\"\"", "7", "true", "{}", "[]", "\"ada.patched@example.com\"", """{"email":null}""", """{"primary":{"name":"Eve"}}""", """{"primary":{"nmae":null}}""", """{"line1":null,"country":"DE"}""", """{"a":null,"b":{"c":null,"d":1}}"""];

    private static readonly string[] Names = ["name", "displayName", "description", "companyName", "phone", "address", "settings", "metadata", "contacts", "nmae", "id", "status", "createdAt", "plan", "Name"];

    [Fact]
    public async Task Null_for_a_member_that_cannot_be_set_is_refused_as_any_value_is()
    {
        var app = await App.Shared;
        foreach (var (template, path, caller) in await Patchable(app))
        {
            var settable = Settable((await app.Description).Document, template);
            var before = (await caller.Get(path)).ShouldBe(200);
            // The policy has no route of its own to be read at: its account's answer holds it.
            var shown = before.Object.Select(member => member.Key).Append("nmae").Except(settable);
            foreach (var name in shown)
            {
                foreach (var value in new[] { "null", "{}", "7" })
                {
                    var refused = (await caller.Patch(Route(template, path), $$"""{"{{name}}":{{value}}}""", "*")).ShouldBeRefused(400, "invalid-request", "/" + name);
                    ((string?)refused["errors"]![0]!["code"]).Should().Be("unknown-field", "{0} {1}", template, name);
                }
            }
            (await caller.Get(path)).ETag.Should().Be(before.ETag, template);
        }
    }

    [Fact]
    public async Task Null_for_what_a_key_cannot_change_is_refused()
    {
        var app = await App.Shared;
        var keys = $"/api/customers/{(await app.CreateCustomer())["id"]}/api-keys";
        var key = (await app.Admin.Post(keys, new { name = "ci", expiresAt = await app.Cloud.Now() + TimeSpan.FromDays(30) })).ShouldBe(201);
        (await app.Admin.Patch($"{keys}/{key["id"]}", """{"expiresAt":null}""", "*")).ShouldBeRefused(400, "invalid-request", "/expiresAt");
        (await app.Admin.Get($"{keys}/{key["id"]}"))["expiresAt"].Should().NotBeNull();
    }

    [Fact]
    public async Task Any_patch_of_a_customer_is_applied_whole_or_refused()
    {
        var app = await App.Shared;
        var path = $"/api/customers/{(await app.CreateCustomer())["id"]}";
        (await app.Admin.Patch(path, """{"settings":{"a":1,"b":{"c":2}},"address":{"line1":"x"},"contacts":{"primary":{"email":"a@example.com"}}}""", "*")).ShouldBe(200);
        await Generated.CheckAsync(Patches(), async patch =>
        {
            var before = (await app.Admin.Get(path)).ShouldBe(200);
            var answer = await app.Admin.Patch(path, patch, before.ETag);
            var after = (await app.Admin.Get(path)).ShouldBe(200);
            if (answer.Status == 400) { after.ETag.Should().Be(before.ETag); return; }
            answer.ShouldBe(200);
            foreach (var (name, value) in JsonNode.Parse(patch)!.AsObject()) { ShouldStand(after.Object, name, value); }
        }, count: 60);
    }

    [Fact]
    public void Any_patch_is_what_the_RFC_says_or_refused() => Generated.Check(Patches(), patch =>
    {
        var before = new CustomerFields("Ada", "ada@example.com", Address: new PostalAddress("x"), Settings: new JsonObject { ["a"] = 1, ["b"] = new JsonObject { ["c"] = 2 } });
        var given = JsonNode.Parse(patch)!.AsObject();
        var (patched, refusal) = RequestBody.Patch(before, given, ApiJson.Default.CustomerFields);
        (patched is null).Should().Be(refusal is not null);
        if (patched is null) { return; }
        var expected = JsonSerializer.SerializeToNode(before, ApiJson.Default.CustomerFields)!.AsObject();
        RequestBody.Merge(expected, given);
        JsonNode.DeepEquals(JsonSerializer.SerializeToNode(patched, ApiJson.Default.CustomerFields), expected).Should().BeTrue("{0} was to give {1}", patch, expected.ToJsonString());
        given.Should().OnlyContain(member => Names.Take(9).Contains(member.Key), "what is not a member is not dropped");
    }, count: 2_000);

    /// <summary>After a patch a member is what the patch says of it: gone, or there, and so within.</summary>
    private static void ShouldStand(JsonObject after, string name, JsonNode? value)
    {
        if (value is null) { after[name].Should().BeNull(name); }
        else if (value is JsonObject inner) { foreach (var (within, one) in inner) { ShouldStand(after[name] as JsonObject ?? [], within, one); } }
        else { JsonNode.DeepEquals(after[name], value).Should().BeTrue("{0} was to be {1}, and is {2}", name, value.ToJsonString(), after[name]?.ToJsonString()); }
    }

    private static Gen<string> Patches() =>
        from count in Gen.Choose(1, 3)
        from members in (from name in Gen.Elements(Names) from value in Gen.Elements(Values) select (name, value)).ArrayOf(count)
        select "{" + string.Join(",", members.DistinctBy(member => member.name).Select(member => $"\"{member.name}\":{member.value}")) + "}";

    /// <summary>One of each thing that takes a patch: the route, where it is read, and who may.</summary>
    private static async Task<IReadOnlyList<(string Template, string Path, Api Caller)>> Patchable(App app)
    {
        var customer = $"/api/customers/{(await app.CreateCustomer())["id"]}";
        var key = (await app.Admin.Post(customer + "/api-keys", new { name = "ci" })).ShouldBe(201)["id"];
        var account = (await app.CreateServiceAccount(customer.Split('/')[^1]))["id"];
        var webhook = (await app.Admin.Post(customer + "/webhooks", new { url = "https://example.com/hooks" })).ShouldBe(201)["webhook"]!["id"];
        var person = await Person.SignedUp(app);
        (string Template, string Path, Api Caller)[] things =
        [
            ("/api/customers/{customerId}", customer, app.Admin),
            ("/api/customers/{customerId}/api-keys/{keyId}", $"{customer}/api-keys/{key}", app.Admin),
            ("/api/customers/{customerId}/service-accounts/{serviceAccountId}", $"{customer}/service-accounts/{account}", app.Admin),
            ("/api/customers/{customerId}/service-accounts/{serviceAccountId}/rotation-policy", $"{customer}/service-accounts/{account}", app.Admin),
            ("/api/customers/{customerId}/webhooks/{webhookId}", $"{customer}/webhooks/{webhook}", app.Admin),
            ("/api/accounts/{accountId}", $"/api/accounts/{await person.Id()}", app.Admin),
            ("/api/auth/me", "/api/auth/me", person.Api),
        ];
        (await app.Description).Routes.Where(route => route.Method == "PATCH").Select(route => route.Path).Should().BeEquivalentTo(things.Select(thing => thing.Template));
        return things;
    }

    private static string Route(string template, string path) => template.EndsWith("/rotation-policy", StringComparison.Ordinal) ? path + "/rotation-policy" : path;

    private static IEnumerable<string> Settable(JsonObject document, string template)
    {
        var schema = document["paths"]![template]!["patch"]!["requestBody"]!["content"]!["application/merge-patch+json"]!["schema"]!;
        return document["components"]!["schemas"]![((string)schema["$ref"]!).Split('/')[^1]]!["properties"]!.AsObject().Select(member => member.Key);
    }
}
