using System.Collections.Immutable;

namespace LocalAzure.Cosmos.Storage;

/// <summary>The <c>_etag</c> and <c>_ts</c> of a database's or container's last change.</summary>
internal readonly record struct Stamp(Guid ETag, long Timestamp);

internal sealed class Database(string id, uint number, Stamp stamp)
{
    private ImmutableList<Container> containers = [];

    public string Id { get; } = id;
    public uint Number { get; } = number;
    public Stamp Stamp { get; } = stamp;
    public string Rid { get; } = ResourceId.Database(number);
    /// <summary>The number of the container created last; numbers are not used twice.</summary>
    public uint LastContainer { get; set; }
    public IReadOnlyList<Container> Containers => containers;

    public Container? Find(string idOrRid) =>
        containers.Find(c => c.Store.Settings.Id == idOrRid) ?? containers.Find(c => c.Name.Rid == idOrRid);

    public void Add(Container container) => containers = containers.Add(container);

    public bool Remove(Container container)
    {
        var found = containers.Contains(container);
        containers = containers.Remove(container);
        return found;
    }
}

/// <summary>A container as the account knows it; its documents are in <see cref="Store"/>.</summary>
internal sealed class Container(ContainerName name, ContainerStore store, Stamp stamp, int? throughput, TimeProvider clock)
{
    public ContainerName Name { get; } = name;
    public ContainerStore Store { get; } = store;
    public Stamp Stamp { get; set; } = stamp;
    /// <summary>Request units per second; null when none were set, and then nothing is throttled.</summary>
    public int? Throughput { get; set; } = throughput;
    /// <summary>Set once when the container is opened, and by splits.</summary>
    public PartitionRanges Ranges { get; set; } = PartitionRanges.One;
    public Throttle Throttle { get; } = new(clock);
}
