using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;

namespace CustomerFunctions.Tests.Fixture;

/// <summary>A request that was made up.</summary>
/// <param name="Credential">Who sends it.</param>
/// <param name="Method">The method.</param>
/// <param name="Path">Path and query, sent as they are.</param>
/// <param name="Body">The body's bytes, null for none.</param>
/// <param name="Headers">In Latin-1, a byte a character.</param>
internal sealed record MadeUpRequest(string Credential, HttpMethod Method, string Path, byte[]? Body, IReadOnlyList<(string Name, string Value)> Headers)
{
    public override string ToString() =>
        $"{Credential}: {Method} {Path} {string.Join(" ", Headers.Select(header => $"{header.Name}: {header.Value};"))} {(Body is null ? "" : Encoding.Latin1.GetString(Body.AsSpan(0, Math.Min(Body.Length, 300))))} ({Body?.Length} bytes)";
}

/// <summary>
/// Makes up requests from the OpenAPI document: every operation, with parameters and bodies that are mostly of the described form and often spoiled somewhere, in their values, charset, coding, size or headers.
/// The same seed makes the same requests in the same order.
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

    private static readonly string[] Numbers =
    [
        "1e400", "-1e400", "1e-400", "9007199254740993", "-9007199254740993", "18446744073709551616", "2147483648", "1.0", "1.5", "-0", "0.1000000000000000055511151231257827", "1e99999999999", "5e-324", "1E2",
    ];

    private static readonly string[] Charsets = ["utf-8", "\"utf-8\"", "UTF-8", "utf-16", "utf-7", "iso-8859-1", "us-ascii", "klingon", "\"\"", "", "utf-8; charset=utf-16", "'utf-8'", "\u00ff"];

    private static readonly string[] OddQueries =
    [
        "unknown=1", "&&&", "=", "?", "a=1&a=2", "maxpagesize=1&maxpagesize=2", "maxpagesize=1e400", "maxpagesize=-1", "%zz=1", "x=%ff%fe", "x=%00", "continuation=%E0%80%80", "continuation=AAAA", "a[b]=c", "orderby=name%20desc%20nulls",
        "from=2026-01-01&to=0001-01-01T00:00:00Z", "from=9999-12-31T23:59:59.9999999-14:00", "q=%F0%9F%98%80", "whatIf=true", "whatIf=maybe", "select=*", "q=" + new string('q', 3_000),
    ];

    private static readonly string[] Headers =
    [
        "X-Api-Key", "Accept", "Accept-Encoding", "Accept-Language", "Cache-Control", "Cookie", "Forwarded", "From", "If-None-Match", "If-Modified-Since", "Origin", "Prefer", "Range", "Referer", "TE", "traceparent", "tracestate", "User-Agent",
        "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-HTTP-Method-Override", "Stripe-Signature", "webhook-id", "webhook-timestamp", "webhook-signature", "svix-id", "Github-Public-Key-Signature", "X-\u00e4",
    ];

    private static readonly string[] HeaderValues =
    [
        "", " ", "*", "\"", "\u00e4", "\u00ff\u00fe\u0080", "\t", "a, b;q=0.1, \"", "99999999999999999999", "-1", "max-age=99999999999", "max-age=1, max-age=2", "bytes=0-", "t=1,v1=00", "v1,AAAA", "00-zz-zz-00", "10.0.0.1, ::1", "[::1]:80", "garbage",
        "\"a\", W/\"b\"", "Thu, 01 Jan 1970 00:00:00 GMT", "javascript:alert(1)", "evil.example", new('h', 5_000),
    ];

    private static readonly string[] Spoilt = ["", "null", "[]", "{", "\"x\"", "7", "[[[[[[[[", "{\"a\":1,\"a\":2}", "\ufeff{}", "{\"name\":\"\\ud800\"}"];

    private readonly JsonObject document;
    private readonly IReadOnlyDictionary<string, IReadOnlyList<IReadOnlyDictionary<string, string[]>>> known;
    private readonly string[] credentials;
    private readonly (string Method, string Path, JsonObject Operation)[] operations;
    private readonly Random random;

    /// <summary>How much less is spoiled in this request than in a wild one.</summary>
    private int calm;

    /// <param name="document">The OpenAPI document.</param>
    /// <param name="known">For each credential, sets of ids to put in the path, by the parameter's name; the credential is let loose on those.</param>
    /// <param name="seed">Where the made-up things come from.</param>
    public RequestGenerator(JsonObject document, IReadOnlyDictionary<string, IReadOnlyList<IReadOnlyDictionary<string, string[]>>> known, int seed)
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
        var ids = Any(known[credential]);
        // A half is nearly right, to get past the first check.
        calm = Chance(2) ? 12 : 1;
        var path = string.Join('/', template.Split('/').Select(segment => segment.StartsWith('{') ? Segment(ids, segment.Trim('{', '}')) : segment));
        var content = operation["requestBody"]?["content"]?.AsObject();
        var text = content is null ? (Chance(20) ? "{}" : null) : Body(content.First().Value!["schema"]!);
        var contentType = Spoils(40) ? Any(["text/plain", "application/xml", "application/json", "application/merge-patch+json", "application/json, application/json", ";", "", "é"]) : content?.First().Key ?? "application/json";
        var headers = new List<(string, string)>();
        if (!Spoils(3)) { headers.Add(("If-Match", Chance(10) ? Any(["x", "\"x\"", "W/\"x\"", "\"a\", \"b\"", "\"\u00e4\u00ff\"", "\""]) : "*")); }
        if (Chance(8)) { headers.Add(("Idempotency-Key", Any(["\"made-up\"", "x", "\"\"", $"\"{random.Next()}\"", "\"\u00ff\"", "\"\t\"", new string('k', 300)]))); }
        if (Chance(15)) { headers.Add((Any(Headers), Any(HeaderValues))); }
        return new MadeUpRequest(
            credential, Spoils(50) ? HttpMethod.Parse(Any(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "BREW"])) : HttpMethod.Parse(method), path + Query(operation),
            text is null ? null : Bytes(text, contentType, headers), headers);
    }

    /// <summary>The body in one of many writings, and the headers that say so, or say otherwise.</summary>
    private byte[] Bytes(string text, string contentType, List<(string, string)> headers)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        if (Spoils(15))
        {
            var charset = Any(Charsets);
            contentType += $"; charset={charset}";
            bytes = Any([Encoding.UTF8, Encoding.Unicode, Encoding.Latin1, Encoding.UTF32]).GetBytes(text);
        }
        if (Spoils(25))
        {
            headers.Add(("Content-Encoding", Any(["gzip", "br", "deflate", "identity", "GZIP, identity", "\u00ff", ""])));
            if (Chance(2)) { bytes = Zipped(bytes); }
        }
        if (Spoils(25)) { bytes = [.. Any<byte[]>([[0xef, 0xbb, 0xbf], [0xff, 0xfe], [0xfe, 0xff], [0x00]]), .. bytes]; }
        if (Spoils(20) && bytes.Length > 0) { bytes[random.Next(bytes.Length)] = (byte)random.Next(256); }
        // One byte more than any route takes, than most take, and much that is only space.
        if (Chance(400)) { bytes = [.. bytes, .. Enumerable.Repeat((byte)' ', Any([(256 * 1024) + 1, 200_000, (4 * 1024 * 1024) + 1]) - Math.Min(bytes.Length, 100_000))]; }
        headers.Add(("Content-Type", contentType));
        return bytes;
    }

    private static byte[] Zipped(byte[] plain)
    {
        using var zipped = new MemoryStream();
        using (var gzip = new GZipStream(zipped, CompressionLevel.Fastest, leaveOpen: true)) { gzip.Write(plain); }
        return zipped.ToArray();
    }

    private string Segment(IReadOnlyDictionary<string, string[]> ids, string name) => !Spoils(6) && ids.TryGetValue(name, out var some) ? Any(some) : Any(Segments);

    private string Query(JsonObject operation)
    {
        var given = (operation["parameters"]?.AsArray() ?? []).Where(parameter => (string?)parameter!["in"] == "query" && Chance(2))
            .Select(parameter => $"{parameter!["name"]}={Uri.EscapeDataString(Any(Strings).Replace(new string('y', 5_000), "yyy", StringComparison.Ordinal))}").ToList();
        if (Spoils(25)) { given.Add(Any(OddQueries)); }
        return given.Count == 0 ? "" : "?" + string.Join('&', given);
    }

    private string Body(JsonNode schema)
    {
        if (Spoils(12)) { return Any(Spoilt); }
        var body = Value(schema, name: "", depth: 0)?.ToJsonString() ?? "null";
        return Spoils(25) ? body[..random.Next(body.Length + 1)] : body;
    }

    private JsonNode? Value(JsonNode schema, string name, int depth)
    {
        if (Spoils(15)) { return Anything(depth); }
        if ((string?)schema["$ref"] is { } reference) { return depth > 6 ? null : Value(document["components"]!["schemas"]![reference.Split('/')[^1]]!, name, depth + 1); }
        if (schema["oneOf"] is JsonArray choices) { return Value(choices[^1]!, name, depth); }
        if (schema["enum"] is JsonArray values) { return Any([.. values])?.DeepClone(); }
        var type = schema["type"] is JsonArray types ? (string?)types[^1] : (string?)schema["type"];
        return type switch
        {
            "object" => Members(schema, depth),
            "array" => new JsonArray([.. Enumerable.Range(0, random.Next(4)).Select(_ => schema["items"] is { } item ? Value(item, name, depth + 1) : Anything(depth + 1))]),
            "integer" => Spoils(8) ? JsonNode.Parse(Any(Numbers)) : random.Next(-2, 500),
            "number" => Spoils(8) ? JsonNode.Parse(Any(Numbers)) : random.NextDouble() * 100,
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
            if (!Spoils(4)) { members[name] = Value(member!, name, depth + 1); }
        }
        if (Spoils(20)) { members["unknown"] = Anything(depth + 1); }
        return members;
    }

    private string Text(string name, string? format) => Spoils(5) ? Any(Strings) : (name, format) switch
    {
        ("email" or "to", _) => string.Create(CultureInfo.InvariantCulture, $"made.up{random.Next()}@example.com"),
        ("password" or "newPassword", _) => string.Create(CultureInfo.InvariantCulture, $"made up {random.Next()} pass"),
        (_, "date-time") => "2031-01-01T00:00:00Z",
        ("slug", _) => string.Create(CultureInfo.InvariantCulture, $"made-up-{random.Next()}"),
        ("kind", _) => "apiCredential",
        ("interval", _) => "P30D",
        ("overlap", _) => "P1D",
        ("logoUrl" or "avatarUrl" or "url", _) => "https://example.com/logo.png",
        ("phone", _) => "+4930123456",
        ("githubOrg", _) => "acme",
        ("country", _) => "DE",
        ("timeZone", _) => "Europe/Berlin",
        ("hold", _) => "billing",
        ("gracePeriod", _) => "PT1H",
        ("scopes", _) => "customers.read",
        ("networks", _) => "10.0.0.0/8",
        ("events", _) => "trial.ended",
        ("role", _) => Any(["member", "viewer", "owner", "customer"]),
        _ => Spoils(3) ? Any(Strings) : "Made up",
    };

    private JsonNode? Anything(int depth) => random.Next(9) switch
    {
        0 => null,
        1 => true,
        2 => random.Next(),
        3 => JsonNode.Parse(Any(Numbers)),
        4 => new JsonArray(depth > 6 ? null : Anything(depth + 1)),
        5 => new JsonObject { ["made"] = depth > 6 ? null : Anything(depth + 1) },
        _ => Any(Strings),
    };

    private T Any<T>(IReadOnlyList<T> from) => from[random.Next(from.Count)];

    /// <summary>One time in so many.</summary>
    private bool Chance(int oneIn) => random.Next(oneIn) == 0;

    /// <summary>The same, for what makes a request wrong.</summary>
    private bool Spoils(int oneIn) => Chance(oneIn * calm);
}
