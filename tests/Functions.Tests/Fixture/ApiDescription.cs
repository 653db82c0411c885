using System.Globalization;
using System.Text.Json.Nodes;

namespace CustomerFunctions.Tests.Fixture;

/// <summary>The app's OpenAPI document, against which every answer that any test sees is held: a route's status that is not in it fails the test that met it.</summary>
internal sealed class ApiDescription(JsonObject document)
{
    /// <summary>What answers with a secret, once: each limits how many it shows (<c>LimitsReveals</c>).</summary>
    public static readonly IReadOnlyList<string> Revealing = ["CreateApiKey", "RollApiKey", "ExchangeToken", "RevealServiceAccountKey", "CreateWebhook", "RotateWebhookSecret"];

    private readonly (string Method, string[] Segments, HashSet<string> Statuses, string? Name)[] operations =
    [
        .. from path in document["paths"]!.AsObject()
           from operation in path.Value!.AsObject()
           where operation.Value!["responses"] is not null
           select (operation.Key.ToUpperInvariant(), path.Key.Split('/'), operation.Value["responses"]!.AsObject().Select(response => response.Key).ToHashSet(), (string?)operation.Value["operationId"]),
    ];

    public JsonObject Document => document;

    public IEnumerable<(string Method, string Path)> Routes => operations.Select(operation => (operation.Method, string.Join('/', operation.Segments)));

    /// <summary>Whether the operation has a request body.</summary>
    public bool TakesBody(string method, string path) => document["paths"]?[path]?[method.ToLowerInvariant()]?["requestBody"] is not null;

    /// <summary>Every value in a request body that a schema says something of, and a body that has it and nothing else.</summary>
    public IEnumerable<BodyMember> BodyMembers() =>
        from path in document["paths"]!.AsObject()
        from operation in path.Value!.AsObject()
        let content = operation.Value!["requestBody"]?["content"]?.AsObject().First()
        where content is not null
        from member in Members(content.Value.Value!["schema"]!, "", static value => value, depth: 0)
        select member with { Method = HttpMethod.Parse(operation.Key.ToUpperInvariant()), Path = path.Key, ContentType = content.Value.Key };

    private IEnumerable<BodyMember> Members(JsonNode schema, string pointer, Func<JsonNode?, JsonNode?> within, int depth)
    {
        if (depth > 6) { return []; }
        if ((string?)schema["$ref"] is { } reference) { return Members(document["components"]!["schemas"]![reference.Split('/')[^1]]!, pointer, within, depth + 1); }
        if (schema["oneOf"] is JsonArray choices) { return choices.SelectMany(choice => Members(choice!, pointer, within, depth)); }
        if (schema["items"] is { } item) { return Members(item, pointer + "/0", value => within(new JsonArray(value)), depth + 1); }
        return schema["properties"] is JsonObject properties
            ? properties.SelectMany(property => Members(property.Value!, $"{pointer}/{property.Key}", value => within(new JsonObject { [property.Key] = value }), depth + 1))
            : [new BodyMember(schema, pointer, within)];
    }

    /// <summary>Fails when the document has this operation but not this status. What routing itself answers (404, 405) belongs to no operation.</summary>
    /// <param name="method">The operation's method.</param>
    /// <param name="path">The path that was called.</param>
    /// <param name="status">What came.</param>
    /// <param name="errors">What the app has logged about it.</param>
    public void ShouldExplain(string method, string path, int status, Func<string> errors)
    {
        var called = Called(method, path);
        if (called.Statuses?.Contains(status.ToString(CultureInfo.InvariantCulture)) != false) { return; }
        throw new Xunit.Sdk.XunitException($"{method} {path} answered {status}, which the OpenAPI document does not list. The app has logged:\n{errors()}");
    }

    /// <summary>Whether a success of this has a secret in it.</summary>
    public bool Reveals(string method, string path) => Revealing.Contains(Called(method, path).Name);

    /// <summary>As routing does: a literal segment goes before a parameter.</summary>
    private (string Method, string[] Segments, HashSet<string> Statuses, string? Name) Called(string method, string path)
    {
        var segments = path.Split('/');
        return operations.Where(operation => operation.Method == method && Matches(operation.Segments, segments)).OrderBy(operation => operation.Segments.Count(segment => segment.StartsWith('{'))).FirstOrDefault();
    }

    private static bool Matches(string[] template, string[] path) =>
        template.Length == path.Length && template.Zip(path).All(pair => pair.First.StartsWith('{') ? pair.Second.Length > 0 : pair.First == pair.Second);
}

/// <param name="Schema">What the document says of the value.</param>
/// <param name="Pointer">Where it stands.</param>
/// <param name="Body">A body with this value in its place.</param>
internal sealed record BodyMember(JsonNode Schema, string Pointer, Func<JsonNode?, JsonNode?> Body)
{
    public HttpMethod Method { get; init; } = HttpMethod.Post;

    public string Path { get; init; } = "";

    public string ContentType { get; init; } = "";

    public bool Is(string type) => Schema["type"] is JsonArray types ? types.Any(one => (string?)one == type) : (string?)Schema["type"] == type;

    public override string ToString() => $"{Method} {Path} {Pointer}";
}
