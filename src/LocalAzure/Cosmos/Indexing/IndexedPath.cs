using LocalAzure.Cosmos.Storage;

namespace LocalAzure.Cosmos.Indexing;

/// <summary>One included or excluded path: <c>/a/b/?</c> is the scalar there, <c>/a/*</c> everything from there on, <c>[]</c> an array's elements.</summary>
internal sealed record IndexedPath(string[] Steps, bool Subtree, bool Included)
{
    public const string Elements = "[]";

    public static IndexedPath Parse(string path, bool included)
    {
        var steps = PropertyPath.Parse(path);
        return steps is [.. var start, "?" or "*"]
            ? new IndexedPath(start, steps[^1] == "*", included)
            : throw CosmosRefusal.BadRequest($"The indexing path '{path}' is invalid: it must end with '/?' or '/*'.");
    }

    /// <summary>How precisely this path speaks of <paramref name="steps"/>; -1 when it does not. <c>/?</c> is more precise than <c>/*</c>.</summary>
    public int Precision(ReadOnlySpan<string> steps)
    {
        if (steps.Length < Steps.Length || (!Subtree && steps.Length > Steps.Length)) { return -1; }
        return steps[..Steps.Length].SequenceEqual(Steps) ? (Steps.Length * 2) + (Subtree ? 0 : 1) : -1;
    }
}
