using System.Text.Json.Nodes;

namespace CustomerFunctions.Tests.Edge;

/// <summary>One of everything that a path can name, to call every operation of the OpenAPI document with.</summary>
internal sealed class OneOfEach(App app, IReadOnlyDictionary<string, string> ids, string personToken, string apiKey)
{
    public string this[string parameter] => ids[parameter];

    public string Customer => $"/api/customers/{this["customerId"]}";

    public static async Task<OneOfEach> In(App app)
    {
        var person = await Person.SignedUp(app);
        var customer = (string)(await app.CreateCustomer())["id"]!;
        var path = $"/api/customers/{customer}";
        var key = (await app.Admin.Post(path + "/api-keys", new { name = "ci" })).ShouldBe(201);
        var webhook = (await app.Admin.Post(path + "/webhooks", new { url = "https://example.com" })).ShouldBe(201)["webhook"]!;
        var ids = new Dictionary<string, string>
        {
            ["customerId"] = customer,
            ["keyId"] = (string)key["id"]!,
            ["serviceAccountId"] = (string)(await app.CreateServiceAccount(customer))["id"]!,
            ["webhookId"] = (string)webhook["id"]!,
            ["accountId"] = await person.Id(),
            ["flag"] = "apiAccess",
        };
        return new OneOfEach(app, ids, person.AccessToken, (string)key["key"]!);
    }

    /// <summary>The path with its parameters filled in; null when it has one that names something else.</summary>
    public string? Url(string path)
    {
        var url = ids.Aggregate(path, (url, id) => url.Replace("{" + id.Key + "}", id.Value, StringComparison.Ordinal));
        return url.Contains('{', StringComparison.Ordinal) ? null : url;
    }

    /// <summary>A caller who may: the administrator, but for what a person does for itself, and keys.</summary>
    public Api CallerOf(string path) => path switch
    {
        "/api/auth/token" => app.Caller(apiKey),
        _ when path.StartsWith("/api/auth/", StringComparison.Ordinal) => app.Caller(personToken),
        _ => app.Admin,
    };

    /// <summary>Every operation of the document.</summary>
    public static IEnumerable<(string Method, string Path, JsonNode Operation)> Operations(ApiDescription description) =>
        from path in description.Document["paths"]!.AsObject()
        from operation in path.Value!.AsObject()
        where operation.Value is JsonObject members && members.ContainsKey("responses")
        select (operation.Key.ToUpperInvariant(), path.Key, operation.Value);
}

/// <summary>An environment of its own for a class that calls every operation.</summary>
public sealed class QuietRoutes : IAsyncLifetime
{
    internal App App { get; private set; } = null!;

    public async Task InitializeAsync() => App = await App.StartWithoutSchedules();

    public async Task DisposeAsync() => await App.DisposeAsync();
}
