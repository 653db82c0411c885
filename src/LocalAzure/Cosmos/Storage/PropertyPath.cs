using System.Text;
using System.Text.Json;

namespace LocalAzure.Cosmos.Storage;

/// <summary>A path as partition keys, unique keys and indexing policies write it: <c>/address/"zip code"</c>.</summary>
internal static class PropertyPath
{
    public static string[] Parse(string path)
    {
        if (path.Length == 0 || path[0] != '/') { throw CosmosRefusal.BadRequest($"The path '{path}' must start with '/'."); }
        var segments = new List<string>();
        for (var i = 1; i <= path.Length;)
        {
            if (i < path.Length && path[i] is '"' or '\'') { i = Quoted(path, i, segments); continue; }
            var end = path.IndexOf('/', i) is var slash and >= 0 ? slash : path.Length;
            if (end > i || path.Length > 1) { segments.Add(path[i..end]); }
            i = end + 1;
        }
        return [.. segments];
    }

    /// <summary>The value at the path; undefined (<c>default</c>) when a step is missing.</summary>
    public static JsonElement Value(JsonElement root, ReadOnlySpan<string> segments)
    {
        foreach (var segment in segments)
        {
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty(segment, out root)) { return default; }
        }
        return root;
    }

    private static int Quoted(string path, int start, List<string> segments)
    {
        var text = new StringBuilder();
        for (var i = start + 1; i < path.Length; i++)
        {
            if (path[i] == '\\' && i + 1 < path.Length) { text.Append(path[++i]); continue; }
            if (path[i] == path[start])
            {
                segments.Add(text.ToString());
                return i + 2;
            }
            text.Append(path[i]);
        }
        throw CosmosRefusal.BadRequest($"The path '{path}' has an unclosed quote.");
    }
}
