using System.Text.Json.Nodes;

namespace CustomerFunctions.Tests.Edge;

/// <summary>Names that people give are readable, of one normal form, and counted in code points, on every route that takes one.</summary>
public sealed class NameTextTests
{
    private static readonly string[] Names = ["name", "displayName", "companyName"];

    /// <summary>Its signature is asked for before its body is read; it shares the check, and <c>IdentityProvider</c> has its tests.</summary>
    private const string Signed = "POST /api/webhooks/identity";

    [Fact]
    public async Task Every_route_with_a_name_refuses_what_cannot_be_read()
    {
        var app = await App.Shared;
        var routes = (await Routes(app)).ToList();

        routes.Select(route => route.Path).Should().Contain(
            ["/api/customers", "/api/accounts", "/api/customers/{customerId}/api-keys", "/api/customers/{customerId}/api-keys/import", "/api/customers/{customerId}/service-accounts", "/api/auth/register",
            "/api/auth/accept-invitation", "/api/auth/passkeys", "/api/auth/me"]);
        foreach (var (method, path, name, required) in routes)
        {
            foreach (var (text, code) in new[] { ("\u200b\u2060", "empty"), ("\u3164", "empty"), ("\u0301", "empty"), ("\u202eevil", "direction-control"), ("a\u2066b", "direction-control"), ("a\u2028b", "control-character") })
            {
                var answer = await Send(app, method, path, With(required(), (name, text)));

                var errors = answer.ShouldBeRefused(400, "invalid-request")["errors"]!.AsArray();
                errors.Select(error => ((string?)error!["pointer"], (string?)error["code"])).Should().Contain(($"/{name}", code), $"{method} {path} with U+{(int)text[0]:X4}");
            }
        }
    }

    [Fact]
    public async Task Every_route_with_a_name_counts_code_points()
    {
        var app = await App.Shared;
        foreach (var (method, path, name, required) in await Routes(app))
        {
            (await Codes(60)).Should().NotContain("too-long", $"60 emoji, {method} {path}");
            (await Codes(201)).Should().Contain("too-long", $"201 emoji, {method} {path}");

            async Task<IEnumerable<string?>> Codes(int length)
            {
                var emoji = string.Concat(Enumerable.Repeat("🚀", length));
                // What is wrong besides the name keeps the route from doing anything.
                var answer = await Send(app, method, path, With(required(), (name, emoji), (name == "name" ? "nameless" : "name", 1)));
                if (answer.Object["errors"]!.AsArray().All(error => (string?)error!["code"] is "unknown-field" or "wrong-type")) { answer = await Send(app, method, path, With(required(), (name, emoji))); }
                return answer.Status < 300 ? [] : answer.Object["errors"]?.AsArray().Where(error => (string?)error!["pointer"] == $"/{name}").Select(error => (string?)error!["code"]) ?? [];
            }
        }
    }

    [Fact]
    public async Task Names_are_kept_in_one_normal_form()
    {
        var app = await App.Shared;
        var customer = (await app.Admin.Post("/api/customers", new { name = " Andre\u0301 ", displayName = "Andre\u0301", email = App.NewEmail(), contacts = new { billing = new { name = "Rene\u0301" } } })).ShouldBe(201);
        var path = $"/api/customers/{customer["id"]}";
        var key = (await app.Admin.Post($"{path}/api-keys", new { name = "cle\u0301" })).ShouldBe(201);
        var account = (await app.Admin.Post($"{path}/service-accounts", new { name = "de\u0301ploiement", kind = "apiCredential" })).ShouldBe(201);
        var person = (await app.Admin.Post("/api/accounts", new { email = App.NewEmail(), name = "Zoe\u0308", password = Person.FirstPassword })).ShouldBe(201);
        var renamed = (await app.Admin.Patch(path, new { companyName = "Cafe\u0301" }, customer.ETag)).ShouldBe(200);

        ((string?)customer["name"]).Should().Be("André");
        ((string?)customer["displayName"]).Should().Be("André");
        ((string?)customer["contacts"]!["billing"]!["name"]).Should().Be("René");
        ((string?)renamed["companyName"]).Should().Be("Café");
        ((string?)key["name"]).Should().Be("clé");
        ((string?)account["name"]).Should().Be("déploiement");
        ((string?)person["name"]).Should().Be("Zoë");
    }

    /// <summary>Every operation whose body has a name in it, and what its body needs besides: a body that lacks some of it is not looked at any further.</summary>
    private static async Task<IEnumerable<(HttpMethod Method, string Path, string Name, Func<JsonObject> Required)>> Routes(App app)
    {
        var document = (await app.Description).Document;
        return from path in document["paths"]!.AsObject()
               from operation in path.Value!.AsObject()
               where operation.Key is "post" or "put" or "patch" && $"{operation.Key.ToUpperInvariant()} {path.Key}" != Signed
               let schema = operation.Value!["requestBody"]?["content"]?.AsObject().First().Value!["schema"]
               from property in Properties(document, schema)
               where Names.Contains(property)
               select (new HttpMethod(operation.Key.ToUpperInvariant()), path.Key, property, (Func<JsonObject>)(() => Required(document, schema)));
    }

    /// <summary>The required members, each with a value of its type and of no meaning.</summary>
    private static JsonObject Required(JsonObject document, JsonNode? schema)
    {
        var resolved = Resolve(document, schema);
        var members = (resolved?["required"]?.AsArray() ?? []).Select(member => (string)member!);
        return new JsonObject(members.Select(member => KeyValuePair.Create<string, JsonNode?>(member, Meaningless(Resolve(document, resolved!["properties"]![member])))));
    }

    private static JsonObject With(JsonObject body, params (string Name, JsonNode Value)[] members)
    {
        foreach (var (name, value) in members) { body[name] = value; }
        return body;
    }

    private static JsonNode Meaningless(JsonNode? schema) => (string?)(schema?["type"] as JsonValue) switch
    {
        "object" => new JsonObject(),
        "array" => new JsonArray(),
        "boolean" => true,
        "integer" or "number" => 1,
        _ => "x",
    };

    private static JsonNode? Resolve(JsonObject document, JsonNode? schema)
    {
        while (schema?["$ref"] is { } reference) { schema = document["components"]!["schemas"]![((string)reference!).Split('/')[^1]]; }
        return schema;
    }

    private static IEnumerable<string> Properties(JsonObject document, JsonNode? schema)
    {
        schema = Resolve(document, schema);
        return (schema?["properties"]?.AsObject().Select(property => property.Key) ?? []).Concat(schema?["oneOf"]?.AsArray().Concat(schema["allOf"]?.AsArray() ?? []).SelectMany(part => Properties(document, part)) ?? []);
    }

    private static async Task<Answer> Send(App app, HttpMethod method, string path, JsonObject body)
    {
        var made = await Made.Of(app);
        var caller = path.StartsWith("/api/auth/", StringComparison.Ordinal) ? made.Person.Api : app.Admin;
        foreach (var (name, value) in made.Ids) { path = path.Replace($"{{{name}}}", value, StringComparison.Ordinal); }
        return await caller.Send(method, path, body, ifMatch: method == HttpMethod.Post ? null : "*", method == HttpMethod.Patch ? "application/merge-patch+json" : "application/json");
    }

    /// <summary>One of everything that has a name.</summary>
    private sealed record Made(Person Person, IReadOnlyDictionary<string, string> Ids)
    {
        private static readonly SemaphoreSlim Turn = new(1);
        private static Made? made;

        public static async Task<Made> Of(App app)
        {
            await Turn.WaitAsync();
            try { return made ??= await Make(app); }
            finally { Turn.Release(); }
        }

        private static async Task<Made> Make(App app)
        {
            var person = await Person.SignedUp(app);
            var customer = (string)(await app.CreateCustomer())["id"]!;
            var key = (await app.Admin.Post($"/api/customers/{customer}/api-keys", new { name = "ci" })).ShouldBe(201);
            var account = await app.CreateServiceAccount(customer);
            return new(person, new Dictionary<string, string>
            {
                ["customerId"] = customer, ["keyId"] = (string)key["id"]!, ["serviceAccountId"] = (string)account["id"]!, ["accountId"] = await person.Id(),
            });
        }
    }
}
