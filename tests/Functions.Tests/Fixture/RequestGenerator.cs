using System.Globalization;
using System.Text.Json.Nodes;

namespace CustomerFunctions.Tests.Fixture;

/// <summary>A request that was made up.</summary>
internal sealed record MadeUpRequest(string Credential, HttpMethod Method, string Path, string? Body, string ContentType, string? IfMatch, string? IdempotencyKey)
{
    public override string ToString() => $"{Credential}: {Method} {Path} If-Match: {IfMatch} {ContentType} {(Body is { Length: > 300 } ? Body[..300] + "…" : Body)}";
}

/// <summary>
/// Makes up requests from the OpenAPI document: every operation, with parameters and bodies that are mostly of the described form and often spoiled somewhere. The same seed makes the same
/// requests in the same order.
/// </summary>
internal sealed class RequestGenerator
{
    private static readonly string[] Strings =
    [
        "", " ", "Ada", "ada@example.com", "not an email", "null", "true", "-1", "0", "99999999999999999999", "P1D", "PT0S", "P999Y", "2031-01-01T00:00:00Z", "2001-01-01", "owner", "admin", "active",
        "customers.read", "10.0.0.0/8", "::/0", "https://example.com/x", "javascript:alert(1)", "../../etc/passwd", "%2e%2e%2f", "' OR 1=1 --", "c.id", "*", "\"", "\\", "\0", "a\nb", "\u202e", "İ", "ß", "中文", "🙂",
        "key_01M7Y40N37J6FNPYS4GAQYTKN5", "cus_01M7Y40N37J6FNPYS4GAQYTKN5", "acc_01M7Y40N37J6FNPYS4GAQYTKN5", "continuation", "createdAt desc", "csv", "jsonl", new('x', 300), new('y', 5_000),
    ];

    private static readonly string[] Segments = ["x", "0", "..", "%00", "%2F", "a%20b", "cus_", "cus_00000000000000000000000000", "key_01M7Y40N37J6FNPYS4GAQYTKN5", "sva_01M7Y40N37J6FNPYS4GAQYTKN5", "acc_01M7Y40N37J6FNPYS4GAQYTKN5", "%F0%9F%99%82", new('z', 300)];

    private static readonly string[] Spoilt = ["", "null", "[]", "{", "\"x\"", "7", "[[[[[[[[", "{\"a\":1,\"a\":2}", "\ufeff{}", "{\"name\":\"\\ud800\"}"];

    private readonly JsonObject document;
    private readonly IReadOnlyDictionary<string, IReadOnlyDictionary<string, string[]>> known;
    private readonly string[] credentials;
    private readonly (string Method, string Path, JsonObject Operation)[] operations;
    private readonly Random random;

    /// <param name="document">The OpenAPI document.</param>
    /// <param name="known">For each credential, ids to put in the path, by the parameter's name; the credential is let loose on those.</param>
    /// <param name="seed">Where the made-up things come from.</param>
    public RequestGenerator(JsonObject document, IReadOnlyDictionary<string, IReadOnlyDictionary<string, string[]>> known, int seed)
    {
        this.document = document;
        this.known = known;
        credentials = [.. known.Keys.Order(StringComparer.Ordinal)];
        operations = [.. document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Where(operation => operation.Value is JsonObject { } o && o.ContainsKey("responses")).Select(operation => (operation.Key.ToUpperInvariant(), path.Key, operation.Value!.AsObject())))];
        random = new Random(seed);
    }

    public MadeUpRequest Next()
    {
        var (method, template, operation) = Any(operations);
        var credential = Any(credentials);
        var path = string.Join('/', template.Split('/').Select(segment => segment.StartsWith('{') ? Segment(credential, segment.Trim('{', '}')) : segment));
        var content = operation["requestBody"]?["content"]?.AsObject();
        var contentType = content is null ? "application/json" : content.First().Key;
        var body = content is null ? (Chance(20) ? "{}" : null) : Body(content.First().Value!["schema"]!);
        return new MadeUpRequest(
            credential, Chance(50) ? HttpMethod.Parse(Any(["GET", "POST", "PUT", "PATCH", "DELETE"])) : HttpMethod.Parse(method), path + Query(operation), body,
            Chance(40) ? Any(["text/plain", "application/xml", "application/json", "application/merge-patch+json"]) : contentType,
            Chance(3) ? null : Chance(10) ? Any(["x", "\"x\"", "W/\"x\"", "\"a\", \"b\""]) : "*",
            Chance(8) ? Any(["\"made-up\"", "x", "\"\"", $"\"{random.Next()}\""]) : null);
    }

    private string Segment(string credential, string name) => !Chance(6) && known[credential].TryGetValue(name, out var ids) ? Any(ids) : Any(Segments);

    private string Query(JsonObject operation)
    {
        var given = (operation["parameters"]?.AsArray() ?? []).Where(parameter => (string?)parameter!["in"] == "query" && Chance(2))
            .Select(parameter => $"{parameter!["name"]}={Uri.EscapeDataString(Any(Strings).Replace(new string('y', 5_000), "yyy", StringComparison.Ordinal))}").ToList();
        if (Chance(25)) { given.Add("unknown=1"); }
        return given.Count == 0 ? "" : "?" + string.Join('&', given);
    }

    private string Body(JsonNode schema)
    {
        if (Chance(12)) { return Any(Spoilt); }
        var body = Value(schema, name: "", depth: 0)?.ToJsonString() ?? "null";
        return Chance(25) ? body[..random.Next(body.Length + 1)] : body;
    }

    private JsonNode? Value(JsonNode schema, string name, int depth)
    {
        if (Chance(15)) { return Anything(depth); }
        if ((string?)schema["$ref"] is { } reference) { return depth > 6 ? null : Value(document["components"]!["schemas"]![reference.Split('/')[^1]]!, name, depth + 1); }
        if (schema["oneOf"] is JsonArray choices) { return Value(choices[^1]!, name, depth); }
        if (schema["enum"] is JsonArray values) { return Any([.. values])?.DeepClone(); }
        var type = schema["type"] is JsonArray types ? (string?)types[^1] : (string?)schema["type"];
        return type switch
        {
            "object" => Members(schema, depth),
            "array" => new JsonArray([.. Enumerable.Range(0, random.Next(4)).Select(_ => schema["items"] is { } item ? Value(item, name, depth + 1) : Anything(depth + 1))]),
            "integer" => random.Next(-2, 500),
            "number" => random.NextDouble() * 100,
            "boolean" => Chance(2),
            "string" => Text(name, (string?)schema["format"]),
            _ => Anything(depth),
        };
    }

    private JsonObject Members(JsonNode schema, int depth)
    {
        var members = new JsonObject();
        foreach (var (name, member) in schema["properties"]?.AsObject() ?? [])
        {
            if (!Chance(4)) { members[name] = Value(member!, name, depth + 1); }
        }
        if (Chance(20)) { members["unknown"] = Anything(depth + 1); }
        return members;
    }

    private string Text(string name, string? format) => Chance(5) ? Any(Strings) : (name, format) switch
    {
        ("email" or "to", _) => string.Create(CultureInfo.InvariantCulture, $"made.up{random.Next()}@example.com"),
        ("password" or "newPassword", _) => string.Create(CultureInfo.InvariantCulture, $"made up {random.Next()} pass"),
        (_, "date-time") => "2031-01-01T00:00:00Z",
        ("slug", _) => string.Create(CultureInfo.InvariantCulture, $"made-up-{random.Next()}"),
        ("kind", _) => "apiCredential",
        ("interval", _) => "P30D",
        ("overlap", _) => "P1D",
        ("logoUrl", _) => "https://example.com/logo.png",
        _ => Chance(3) ? Any(Strings) : "Made up",
    };

    private JsonNode? Anything(int depth) => random.Next(9) switch
    {
        0 => null,
        1 => true,
        2 => random.Next(),
        3 => 1.5e300,
        4 => new JsonArray(depth > 6 ? null : Anything(depth + 1)),
        5 => new JsonObject { ["made"] = depth > 6 ? null : Anything(depth + 1) },
        _ => Any(Strings),
    };

    private T Any<T>(IReadOnlyList<T> from) => from[random.Next(from.Count)];

    /// <summary>One time in so many.</summary>
    private bool Chance(int oneIn) => random.Next(oneIn) == 0;
}
