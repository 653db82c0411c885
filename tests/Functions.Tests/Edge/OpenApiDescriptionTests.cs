using System.Text.Json.Nodes;

namespace CustomerFunctions.Tests.Edge;

public sealed class OpenApiDescriptionTests
{
    [Fact]
    public async Task The_document_is_an_OpenAPI_3_document_whose_references_all_lead_somewhere()
    {
        var document = (await (await App.Shared).Description).Document;

        ((string)document["openapi"]!).Should().StartWith("3.");
        ((string?)document["info"]!["title"]).Should().Be("Customer Functions");
        var references = Descendants(document).OfType<JsonObject>().Select(node => node["$ref"]).OfType<JsonValue>().Select(reference => (string)reference!).Distinct().ToList();
        references.Should().NotBeEmpty();
        foreach (var reference in references)
        {
            var target = reference.TrimStart('#', '/').Split('/').Aggregate((JsonNode?)document, (node, step) => node?[step.Replace("~1", "/", StringComparison.Ordinal)]);
            target.Should().NotBeNull(reference);
        }
    }

    [Fact]
    public async Task Every_operation_has_an_id_of_its_own_a_tag_and_the_permission_it_needs()
    {
        var operations = (await (await App.Shared).Description).Document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject()).Select(operation => operation.Value!).ToList();

        operations.Select(operation => (string)operation["operationId"]!).Should().OnlyHaveUniqueItems();
        operations.Should().OnlyContain(operation => operation["tags"]!.AsArray().Count == 1);
        operations.Where(operation => operation["security"] is not null).Should().OnlyContain(operation => ((string)operation["description"]!).Contains("permission"));
    }

    [Fact]
    public async Task Whatever_creates_something_for_a_caller_takes_an_idempotency_key()
    {
        var creating = from path in (await (await App.Shared).Description).Document["paths"]!.AsObject()
                       let post = path.Value!["post"]
                       where post?["security"] is not null && post["responses"]!["201"] is not null
                       select (path.Key, Parameters: post["parameters"]?.AsArray().Select(parameter => (string?)parameter!["name"]) ?? []);

        creating.Should().HaveCountGreaterThan(8);
        creating.Where(post => !post.Parameters.Contains("Idempotency-Key")).Select(post => post.Key).Should().BeEmpty();
    }

    [Fact]
    public async Task Every_refusal_is_described_as_the_problem_that_it_is()
    {
        var refusals = (await (await App.Shared).Description).Document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject())
            .SelectMany(operation => operation.Value!["responses"]!.AsObject().Where(response => response.Key[0] is '4' or '5').Select(response => (Name: $"{operation.Value["operationId"]} {response.Key}", response.Value))).ToList();

        refusals.Should().HaveCountGreaterThan(100);
        // Who is not ready says what it waits for, in the form of one who is.
        refusals.Where(refusal => (string?)refusal.Value!["content"]?["application/problem+json"]?["schema"]?["$ref"] != "#/components/schemas/ProblemDocument").Select(refusal => refusal.Name)
            .Should().Equal("GetReadiness 503");
    }

    [Fact]
    public async Task Every_field_and_every_parameter_has_a_type()
    {
        var document = (await (await App.Shared).Description).Document;
        var fields = document["components"]!["schemas"]!.AsObject().SelectMany(schema => (schema.Value!["properties"]?.AsObject() ?? []).Select(field => (Name: $"{schema.Key}.{field.Key}", Schema: field.Value!)));
        var parameters = document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject()).SelectMany(operation => (operation.Value!["parameters"]?.AsArray() ?? [])
            .Select(parameter => (Name: $"{operation.Value["operationId"]}.{parameter!["name"]}", Schema: parameter["schema"] ?? new JsonObject())));

        var untyped = fields.Concat(parameters).Where(item => item.Schema["type"] is null && item.Schema["$ref"] is null && item.Schema["oneOf"] is null).Select(item => item.Name);

        untyped.Should().BeEmpty();
        document["components"]!["schemas"]!.AsObject().Where(schema => schema.Value!["type"] is null).Select(schema => schema.Key).Should().BeEmpty();
    }

    [Fact]
    public async Task What_takes_an_ETag_says_so()
    {
        var operations = (await (await App.Shared).Description).Document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject()).Select(operation => operation.Value!).ToList();

        operations.Where(operation => operation["responses"]!["412"] is not null).Should().HaveCountGreaterThan(10)
            .And.OnlyContain(operation => operation["responses"]!["428"] != null && operation["responses"]!["400"] != null && operation["parameters"]!.AsArray().Any(parameter => (string?)parameter!["name"] == "If-Match" && (bool)parameter["required"]!));
    }

    [Fact]
    public async Task The_functions_are_the_operations_and_the_timers()
    {
        var description = await (await App.Shared).Description;
        var operations = description.Document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject()).Select(operation => (string)operation.Value!["operationId"]!);

        var functions = Directory.EnumerateDirectories(LocalCloud.BuiltApp).Where(path => File.Exists(Path.Combine(path, "function.json"))).Select(path => Path.GetFileName(path)!);

        functions.Should().BeEquivalentTo(operations.Concat(["GetOpenApiDocument", "RotateServiceAccountKeys", "ExpireTrials", "PurgeCustomers", "SettleServiceAccounts", "FollowCustomerStanding", "AuditServiceAccountPermissions", "WriteAuditEvents", "PurgeAuditEvents", "SendMail", "SendWebhooks", "SettleSubscriptions", "ReconcileStripeEvents", "CountUsage", "RollUsageMonths"]));
    }

    private static IEnumerable<JsonNode> Descendants(JsonNode node) => new[] { node }.Concat(node switch
    {
        JsonObject members => members.Where(member => member.Value is not null).SelectMany(member => Descendants(member.Value!)),
        JsonArray items => items.Where(item => item is not null).SelectMany(item => Descendants(item!)),
        _ => [],
    });

    [Fact]
    public async Task The_document_is_the_same_until_the_app_is_and_is_not_sent_again_to_whoever_has_it()
    {
        var app = await App.Shared;
        using var http = new HttpClient();
        using var first = await http.GetAsync(app.Cloud.Endpoint("functions") + "/api/openapi/v1.json");
        using var request = new HttpRequestMessage(HttpMethod.Get, app.Cloud.Endpoint("functions") + "/api/openapi/v1.json");
        request.Headers.IfNoneMatch.Add(first.Headers.ETag!);

        using var again = await http.SendAsync(request);

        again.StatusCode.Should().Be(System.Net.HttpStatusCode.NotModified);
    }
}
