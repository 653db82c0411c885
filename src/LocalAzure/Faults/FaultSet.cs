using System.Collections.Immutable;

namespace LocalAzure.Faults;

/// <summary>The faults that are asked for now, at most one of a kind per service and operation.</summary>
internal sealed class FaultSet
{
    private ImmutableArray<Fault> faults = [];

    public IReadOnlyList<Fault> Active => [.. faults.Where(fault => !fault.IsOver)];

    public void Put(Fault fault) => ImmutableInterlocked.Update(ref faults, all =>
        all.RemoveAll(other => other.IsOver || IsSame(other, fault)).Add(fault));

    public void Clear() => ImmutableInterlocked.Update(ref faults, _ => []);

    /// <summary>The faults that hit this request. Costs one look at an empty array when none is asked for.</summary>
    public IReadOnlyList<Fault> Hitting(string service, HttpRequest request)
    {
        var all = faults;
        if (all.IsEmpty) { return []; }
        return [.. all.Where(fault => fault.Request.Service == service && fault.Hit(request))];
    }

    private static bool IsSame(Fault one, Fault other) =>
        one.Kind == other.Kind && one.Request.Service == other.Request.Service && one.Request.Operation == other.Request.Operation;
}
