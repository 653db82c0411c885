using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace LocalAzure.ResourceManager;

/// <summary>
/// Operations that are answered with 202 and asked about later (learn.microsoft.com: "Track asynchronous Azure operations"). What they do is done when they are accepted; nobody may
/// know that before the operation says so.
/// </summary>
internal sealed class AsyncOperations
{
    private const string Status = "locations/operationsStatus";
    private const string Results = "locations/operationResults";
    private readonly ConcurrentDictionary<string, byte> known = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Says in the answer's headers where the operation is told of.</summary>
    public void Accept(HttpContext context, Resource resource)
    {
        var id = Guid.NewGuid().ToString();
        known[id] = 0;
        var root = $"{context.Request.Scheme}://{context.Request.Host}/subscriptions/{resource.Subscription}/providers/{resource.Type.Split('/')[0]}";
        var version = $"?api-version={context.Request.Query["api-version"]}";
        context.Response.Headers["Azure-AsyncOperation"] = $"{root}/{Status.Replace("/", $"/{resource.Location}/", StringComparison.Ordinal)}/{id}{version}";
        context.Response.Headers.Location = $"{root}/{Results.Replace("/", $"/{resource.Location}/", StringComparison.Ordinal)}/{id}{version}";
    }

    public static bool IsFor(ResourcePath path) => path is { Group: null, Last: null, Type: { } type } && (Same(type, Status) || Same(type, Results));

    /// <summary>The operation's status; null for its result, which regenerating a key does not have.</summary>
    public JsonObject? Answer(ResourcePath path)
    {
        var id = path.Name!.Split('/')[1];
        if (!known.ContainsKey(id)) { throw ResourceManagerRefusal.NoOperation(id); }
        return Same(path.Type!, Status) ? new JsonObject { ["status"] = "Succeeded" } : null;
    }

    private static bool Same(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
}
