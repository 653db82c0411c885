using System.Text.Json;
using System.Text.RegularExpressions;

namespace Infra.Tests.Bicep;

/// <summary>A resource that a Bicep file declares.</summary>
/// <param name="File">The file, from infra/bicep on.</param>
/// <param name="Symbol">Its name in the file; of a nested one, with its parents' names before it (<c>account::tables</c>).</param>
/// <param name="Type">Its type, without the version; of a nested one, the last part.</param>
/// <param name="Body">The text between its braces.</param>
internal sealed record BicepResource(string File, string Symbol, string Type, string Body)
{
    /// <summary>A property of its own, wherever it stands in the body, as it is written; null when it has none.</summary>
    public string? this[string property] => Regex.Match(Body, $@"^ *{property}: (.+)$", RegexOptions.Multiline) is { Success: true } found ? found.Groups[1].Value : null;
}

/// <summary>The Bicep files as text. What they declare is found by how they are laid out: one resource or property starts a line.</summary>
internal static partial class BicepSource
{
    public static string Folder { get; } = Repository.PathOf("infra", "bicep");

    public static IReadOnlyDictionary<string, string> Files { get; } = Directory.EnumerateFiles(Folder, "*.bicep*", SearchOption.AllDirectories)
        .Where(path => Path.GetExtension(path) is ".bicep" or ".bicepparam")
        .ToDictionary(path => Path.GetRelativePath(Folder, path).Replace('\\', '/'), path => File.ReadAllText(path).ReplaceLineEndings("\n"));

    public static IReadOnlyList<BicepResource> Resources { get; } = [.. Files.OrderBy(file => file.Key, StringComparer.Ordinal).SelectMany(file => Declared(file.Key, file.Value, parents: ""))];

    public static IReadOnlyList<BicepResource> OfType(string type) => [.. Resources.Where(resource => resource.Type == type)];

    public static JsonElement Json(string file) => JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, file))).RootElement;

    /// <summary>The names and values that an object literal has, one to a line.</summary>
    public static IReadOnlyDictionary<string, string> Properties(string body) =>
        Property().Matches(body).ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value);

    private static IEnumerable<BicepResource> Declared(string file, string text, string parents)
    {
        for (var match = Declaration().Match(text); match.Success;)
        {
            var end = Closing(text, match.Index + match.Length);
            var resource = new BicepResource(file, parents + match.Groups["symbol"].Value, match.Groups["type"].Value.Split('@')[0], text[(match.Index + match.Length)..end]);
            yield return resource;
            foreach (var nested in Declared(file, resource.Body, resource.Symbol + "::")) { yield return nested; }
            match = Declaration().Match(text, end);
        }
    }

    private static int Closing(string text, int start)
    {
        for (var (i, depth) = (start, 1); i < text.Length; i++)
        {
            depth += text[i] switch { '{' => 1, '}' => -1, _ => 0 };
            if (depth == 0) { return i; }
        }
        throw new InvalidOperationException("A resource without its closing brace.");
    }

    [GeneratedRegex(@"^ *resource (?<symbol>\w+) '(?<type>[^']+)' = (?:if \(.*\) |\[for .*: )?\{", RegexOptions.Multiline)]
    private static partial Regex Declaration();

    [GeneratedRegex(@"^ *(\w+): (.+)$", RegexOptions.Multiline)]
    private static partial Regex Property();
}
