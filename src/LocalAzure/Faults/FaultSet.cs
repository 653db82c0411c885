using System.Collections.Immutable;

namespace LocalAzure.Faults;

/// <summary>The faults that are asked for now, at most one of a kind per service, operation and body.</summary>
internal sealed class FaultSet
{
    private ImmutableArray<Fault> faults = [];

    public IReadOnlyList<Fault> Active => [.. faults.Where(fault => !fault.IsOver)];

    public void Put(Fault fault) => ImmutableInterlocked.Update(ref faults, all =>
        all.RemoveAll(other => other.IsOver || IsSame(other, fault)).Add(fault));

    public void Clear() => ImmutableInterlocked.Update(ref faults, _ => []);

    /// <summary>The faults that hit this request. Costs one look at an empty array when none is asked for.</summary>
    public async ValueTask<IReadOnlyList<Fault>> Hitting(string service, HttpRequest request)
    {
        var all = faults;
        if (all.IsEmpty) { return []; }
        var content = all.Any(fault => fault.Request.Body is not null && fault.Request.Service == service && !fault.IsOver) ? await Content(request) : "";
        return [.. all.Where(fault => fault.Request.Service == service && fault.Hit(request, content))];
    }

    /// <summary>The body, which the service can still read.</summary>
    private static async Task<string> Content(HttpRequest request)
    {
        request.EnableBuffering();
        using var reader = new StreamReader(request.Body, leaveOpen: true);
        var content = await reader.ReadToEndAsync(request.HttpContext.RequestAborted);
        request.Body.Position = 0;
        return content;
    }

    private static bool IsSame(Fault one, Fault other) =>
        one.Kind == other.Kind && one.Request.Service == other.Request.Service && one.Request.Operation == other.Request.Operation && one.Request.Body == other.Request.Body;
}
