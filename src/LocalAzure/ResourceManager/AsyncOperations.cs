using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;

namespace LocalAzure.ResourceManager;

/// <summary>
/// Operations that are answered with 202 and asked about later (learn.microsoft.com: "Track asynchronous Azure operations"). What they do is done when they are over, by the test clock; until then their resource
/// takes no other. They end with the process: one that was under way then is not known afterwards.
/// </summary>
internal sealed class AsyncOperations(TimeProvider clock)
{
    private const string Status = "locations/operationsStatus";
    private const string Results = "locations/operationResults";
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<string, Operation> known = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, Operation> running = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>How long those that begin from now on take.</summary>
    public TimeSpan Duration { get; set; }

    /// <summary>Whether those that begin from now on come to nothing.</summary>
    public bool Fail { get; set; }

    /// <summary>Begins an operation, and says in the answer's headers where it is told of.</summary>
    public void Accept(HttpContext context, Resource resource, Action work)
    {
        var id = Guid.NewGuid().ToString();
        running[id] = known[id] = new Operation(resource.Id, clock.GetUtcNow() + Duration, Fail ? null : work);
        Settle();
        var root = $"{context.Request.Scheme}://{context.Request.Host}/subscriptions/{resource.Subscription}/providers/{resource.Type.Split('/')[0]}";
        var version = $"?api-version={context.Request.Query["api-version"]}";
        context.Response.Headers["Azure-AsyncOperation"] = $"{root}/{Status.Replace("/", $"/{resource.Location}/", StringComparison.Ordinal)}/{id}{version}";
        context.Response.Headers.Location = $"{root}/{Results.Replace("/", $"/{resource.Location}/", StringComparison.Ordinal)}/{id}{version}";
    }

    public static bool IsFor(ResourcePath path) => path is { Group: null, Last: null, Type: { } type } && (Same(type, Status) || Same(type, Results));

    /// <summary>Whether an operation of the resource is under way.</summary>
    public bool IsBusy(string resourceId) => running.Values.Any(operation => Same(operation.ResourceId, resourceId) && operation.EndsAt > clock.GetUtcNow());

    /// <summary>Does what the operations do that are over by now; before anybody looks at what they change.</summary>
    public void Settle()
    {
        foreach (var (id, operation) in running.Where(operation => operation.Value.EndsAt <= clock.GetUtcNow()))
        {
            operation.Finish();
            running.TryRemove(id, out _);
        }
    }

    /// <summary>The status and the body of the answer about an operation; no body for its result, which regenerating a key does not have.</summary>
    public (int Status, JsonObject? Body) Answer(HttpContext context, ResourcePath path)
    {
        var id = path.Name!.Split('/')[1];
        if (!known.TryGetValue(id, out var operation)) { throw ResourceManagerRefusal.NoOperation(id); }
        var isRunning = operation.EndsAt > clock.GetUtcNow();
        if (isRunning) { context.Response.Headers.RetryAfter = RetryAfter.TotalSeconds.ToString(CultureInfo.InvariantCulture); }
        return Same(path.Type!, Status)
            ? (200, new JsonObject { ["status"] = isRunning ? "InProgress" : operation.Fails ? "Failed" : "Succeeded" })
            : (isRunning ? 202 : operation.Fails ? 500 : 204, null);
    }

    private static bool Same(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    private sealed class Operation(string resourceId, DateTimeOffset endsAt, Action? work)
    {
        private Action? undone = work;

        public string ResourceId => resourceId;

        public DateTimeOffset EndsAt => endsAt;

        public bool Fails { get; } = work is null;

        /// <summary>Once, however many look.</summary>
        public void Finish() => Interlocked.Exchange(ref undone, null)?.Invoke();
    }
}
