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
