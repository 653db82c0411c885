using System.Globalization;
using System.Text.Json.Nodes;

namespace CustomerFunctions.Tests.Edge;

/// <summary>What the OpenAPI document says of a body is what the routes do: a member is required in both or in neither.</summary>
public sealed class RequiredMembersTests(QuietRoutes quiet) : IClassFixture<QuietRoutes>
{
    /// <summary>Their bodies are signed, and nothing is said of a body whose signature is wrong.</summary>
    private static readonly string[] Signed = ["ReceiveIdentityEvent", "ReceiveStripeEvent", "ReceiveLeakReports"];

    /// <summary>These need one member of several, which <c>required</c> cannot say.</summary>
    private static readonly Dictionary<string, string> OneOfSeveral = new()
    {
        ["ExtendTrial"] = "days",
        ["PutPermissions"] = "apiScopes",
        ["MigrateServiceAccount"] = "scope",
        ["SignInWithSecondFactor"] = "code",
    };

    [Fact]
    public async Task A_body_without_a_required_member_or_with_null_there_is_refused_at_that_member()
    {
        var tried = 0;
        foreach (var body in await Bodies())
        {
            foreach (var pointer in Required(body.Schema, body.Sample(everything: true), ""))
            {
                foreach (var isNull in new[] { false, true })
                {
                    var refused = (await body.Send(Without(body.Sample(everything: true), pointer, isNull))).ShouldBeRefused(400, "invalid-request", pointer);
                    refused["errors"]!.AsArray().Should().Contain(error => (string)error!["pointer"]! == pointer && (string)error["code"]! == "required", "{0}: {1}", body.Name, refused.Body);
                    tried++;
                }
            }
        }
        tried.Should().BeGreaterThan(100);
    }

    [Fact]
    public async Task A_body_with_the_required_members_alone_lacks_none()
    {
        foreach (var body in await Bodies())
        {
            var sample = body.Sample(everything: false);
            if (OneOfSeveral.TryGetValue(body.Name, out var one)) { sample[one] = body.Sample(everything: true)[one]!.DeepClone(); }
            var answer = await body.Send(sample);
            if (answer.Status == 400) { (answer["errors"]?.AsArray() ?? []).Should().NotContain(error => (string)error!["code"]! == "required", "{0}: {1}", body.Name, answer.Body); }
        }
    }

    [Fact]
    public async Task A_patch_requires_nothing()
    {
        var (description, one) = (await quiet.App.Description, await OneOfEach.In(quiet.App));
        foreach (var (method, path, operation) in OneOfEach.Operations(description).Where(operation => operation.Method == "PATCH"))
        {
            var schema = operation["requestBody"]!["content"]!["application/merge-patch+json"]!["schema"]!;
            var body = new Body(quiet.App, description.Document, one, method, path, operation, schema);
            Required(body.Schema, body.Sample(everything: true), "").Should().BeEmpty(path);
            (await body.Send([])).ShouldBe(200);
        }
    }

    [Fact]
    public async Task Every_list_that_has_pages_says_how_large_they_are()
    {
        var (description, one) = (await quiet.App.Description, await OneOfEach.In(quiet.App));
        var lists = 0;
        foreach (var (_, path, operation) in OneOfEach.Operations(description).Where(operation => operation.Method == "GET"))
        {
            if (one.Url(path) is not { } url || path.EndsWith("/export", StringComparison.Ordinal)) { continue; }
            var api = one.CallerOf(path);
            if (operation["parameters"]?.AsArray().Any(parameter => (string?)parameter!["name"] == "maxpagesize") != true)
            {
                var whole = await api.Get(url);
                if (whole.Body.StartsWith('{')) { whole.Object.ContainsKey("pageSize").Should().BeFalse(path); }
                continue;
            }
            lists++;
            foreach (var (asked, size) in new[] { ("", 50), ("?maxpagesize=7", 7), ("?maxpagesize=1000", 200) })
            {
                ((int?)(await api.Get(url + asked)).ShouldBe(200)["pageSize"]).Should().Be(size, path);
            }
        }
        lists.Should().BeGreaterThan(10);
    }

    private async Task<List<Body>> Bodies()
    {
        var (description, one) = (await quiet.App.Description, await OneOfEach.In(quiet.App));
        return
        [
            .. from route in OneOfEach.Operations(description)
               let schema = route.Operation["requestBody"]?["content"]?["application/json"]?["schema"]
               where schema is not null && !Signed.Contains((string)route.Operation["operationId"]!)
               select new Body(quiet.App, description.Document, one, route.Method, route.Path, route.Operation, schema),
        ];
    }

    /// <summary>The pointers of all required members of a body that has all its members.</summary>
    private static IEnumerable<string> Required(JsonNode schema, JsonNode? value, string at)
    {
        var document = schema.Root;
        schema = Body.Resolve(document, schema);
        if (value is JsonArray { Count: > 0 } items) { return Required(schema["items"]!, items[0], at + "/0"); }
        if (value is not JsonObject members) { return []; }
        return (schema["required"]?.AsArray() ?? []).Select(name => $"{at}/{name}")
            .Concat(members.SelectMany(member => schema["properties"]?[member.Key] is { } inner ? Required(inner, member.Value, $"{at}/{member.Key}") : []));
    }

    private static JsonObject Without(JsonObject body, string pointer, bool isNull)
    {
        var steps = pointer.Split('/')[1..];
        var parent = steps[..^1].Aggregate((JsonNode)body, (node, step) => node is JsonArray items ? items[int.Parse(step, CultureInfo.InvariantCulture)]! : node[step]!).AsObject();
        if (isNull) { parent[steps[^1]] = null; }
        else { parent.Remove(steps[^1]); }
        return body;
    }

    /// <summary>The body of one operation, with values of the described types.</summary>
    private sealed record Body(App App, JsonObject Document, OneOfEach One, string Method, string Path, JsonNode Operation, JsonNode Schema)
    {
        public string Name => (string)Operation["operationId"]!;

        public JsonObject Sample(bool everything) => Value(Schema, "", everything)!.AsObject();

        public Task<Answer> Send(JsonObject body) => One.CallerOf(Path).Send(
            HttpMethod.Parse(Method), One.Url(Path)!, body.ToJsonString(), "*", Method == "PATCH" ? "application/merge-patch+json" : "application/json");

        public static JsonNode Resolve(JsonNode document, JsonNode schema)
        {
            if (schema["oneOf"] is JsonArray choices) { return Resolve(document, choices[^1]!); }
            return (string?)schema["$ref"] is { } reference ? Resolve(document, document["components"]!["schemas"]![reference.Split('/')[^1]]!) : schema;
        }

        private JsonNode? Value(JsonNode declared, string name, bool everything)
        {
            var schema = Resolve(Document, declared);
            if (schema["enum"] is JsonArray values) { return values.First(value => value is not null)!.DeepClone(); }
            var type = schema["type"] is JsonArray types ? (string?)types.First(one => (string?)one != "null") : (string?)schema["type"];
            return type switch
            {
                "object" => Members(schema, everything),
                "array" => new JsonArray(Value(schema["items"]!, name, everything)),
                "integer" => 1,
                "boolean" => true,
                _ => Text(name, (string?)schema["format"]),
            };
        }

        private JsonObject Members(JsonNode schema, bool everything)
        {
            var required = (schema["required"]?.AsArray() ?? []).Select(name => (string)name!).ToHashSet();
            return new JsonObject((schema["properties"]?.AsObject() ?? []).Where(member => everything || required.Contains(member.Key))
                .Select(member => KeyValuePair.Create(member.Key, Value(member.Value!, member.Key, everything))));
        }

        private static string Text(string name, string? format) => (name, format) switch
        {
            ("email", _) => App.NewEmail(),
            ("kind", _) => "apiCredential",
            ("meter", _) => "apiRequests",
            ("url" or "logoUrl", _) => "https://example.com/made-up",
            ("apiScopes", _) => "customers.read",
            ("scope", _) => "/subscriptions/7c1f7a53-4b0b-4b6c-9b5e-2a39d3f2c6a1",
            (_, "date-time") => "2031-01-01T00:00:00Z",
            (_, "duration") => "P1D",
            _ => "made up for a test",
        };
    }
}
