using System.Text.Json.Nodes;
using LocalAzure.State;

namespace LocalAzure.ResourceManager;

/// <summary>Groups and resources; every change is in the journal before it is visible. Ids are case-insensitive, as in ARM.</summary>
internal sealed class ResourceStore : IDisposable
{
    private const int CompactAbove = 1000;
    private readonly SortedDictionary<string, ResourceGroup> groups = new(StringComparer.OrdinalIgnoreCase);
    private readonly SortedDictionary<string, Resource> resources = new(StringComparer.OrdinalIgnoreCase);
    private readonly Lock gate = new();
    private readonly TimeProvider clock;
    private readonly Journal<ResourceChange> journal;

    public ResourceStore(string journalPath, TimeProvider clock)
    {
        this.clock = clock;
        journal = Journal<ResourceChange>.Open(journalPath, ResourceChangeJson.Default.ResourceChange, Apply);
        if (journal.Count > CompactAbove + (2 * (groups.Count + resources.Count))) { journal.Replace([.. Snapshot()]); }
    }

    public ResourceGroup? Group(string subscription, string name)
    {
        lock (gate) { return groups.GetValueOrDefault(GroupId(subscription, name)); }
    }

    public IReadOnlyList<ResourceGroup> Groups(string subscription)
    {
        lock (gate) { return [.. groups.Values.Where(group => group.Subscription == subscription)]; }
    }

    public (ResourceGroup Group, bool IsNew) PutGroup(string subscription, string name, string location, JsonObject? tags)
    {
        lock (gate)
        {
            var existing = groups.GetValueOrDefault(GroupId(subscription, name));
            if (existing is not null && existing.Location != location)
            {
                throw ResourceManagerRefusal.OtherLocation(name, name, existing.Location, location);
            }
            var group = new ResourceGroup(subscription, existing?.Name ?? name, location, tags);
            Commit(new ResourceChange.GroupWritten(group));
            return (group, existing is null);
        }
    }

    public Resource? Find(string id)
    {
        lock (gate) { return resources.GetValueOrDefault(id); }
    }

    /// <summary>The resource of a type whose names are unique in all Azure.</summary>
    public Resource? FindByName(string type, string name)
    {
        lock (gate) { return resources.Values.FirstOrDefault(resource => resource.Type == type && Same(resource.Name, name)); }
    }

    public IReadOnlyList<Resource> List(ResourceType type, string subscription, string? group)
    {
        lock (gate)
        {
            return [.. resources.Values.Where(resource => resource.Type == type.FullName && resource.Subscription == subscription && (group is null || Same(resource.Group, group)))];
        }
    }

    public IReadOnlyList<Resource> All()
    {
        lock (gate) { return [.. resources.Values]; }
    }

    /// <summary>Makes the resource with new keys, or gives an existing one a new body.</summary>
    public Resource Put(ResourceType type, ResourcePath path, string location, JsonObject body)
    {
        lock (gate)
        {
            var existing = resources.GetValueOrDefault(path.Id);
            if (existing is null && !type.IsChild && FindByName(type.FullName, path.Name!) is not null)
            {
                throw ResourceManagerRefusal.NameTaken(type, path.Name!);
            }
            if (existing is not null && existing.Location != location)
            {
                throw ResourceManagerRefusal.OtherLocation(path.Name!, path.Group!, existing.Location, location);
            }
            var now = clock.GetUtcNow();
            var written = existing is not null ? existing with { Body = body } : new Resource(
                path.Id, type.FullName, path.Subscription!, path.Group!, path.Name!, location, body, NewKeys(type.Keys, now), now);
            Commit(new ResourceChange.Written(written));
            if (existing is null && type.BornWith is var (childType, childName, childBody))
            {
                var child = path with { Type = childType.Type, Name = $"{path.Name}/{childName}" };
                Put(childType, child, "", (JsonObject)JsonNode.Parse(childBody)!);
            }
            return written;
        }
    }

    public bool Remove(string id)
    {
        lock (gate)
        {
            if (!resources.TryGetValue(id, out var resource)) { return false; }
            foreach (var child in resources.Keys.Where(other => other.StartsWith(resource.Id + "/", StringComparison.OrdinalIgnoreCase)).ToList()) { Commit(new ResourceChange.Removed(child)); }
            Commit(new ResourceChange.Removed(resource.Id));
            return true;
        }
    }

    /// <summary>Puts a new key into a slot; from this moment the old one opens nothing. Null when there is no such resource.</summary>
    public Resource? Regenerate(string id, KeySlots slots, string slot)
    {
        lock (gate)
        {
            if (!resources.TryGetValue(id, out var resource)) { return null; }
            var renewed = new ResourceKey(slot, slots.NewValue(), clock.GetUtcNow());
            var written = resource with { Keys = [.. resource.Keys.Select(key => key.Slot == slot ? renewed : key)] };
            Commit(new ResourceChange.Written(written));
            return written;
        }
    }

    public void Dispose() => journal.Dispose();

    private void Commit(ResourceChange change)
    {
        journal.Append(change);
        Apply(change);
    }

    private void Apply(ResourceChange change)
    {
        switch (change)
        {
            case ResourceChange.GroupWritten { Group: var group }: groups[group.Id] = group; break;
            case ResourceChange.Written { Resource: var resource }: resources[resource.Id] = resource; break;
            case ResourceChange.Removed { Id: var id }: resources.Remove(id); break;
        }
    }

    private IEnumerable<ResourceChange> Snapshot() =>
        groups.Values.Select(group => (ResourceChange)new ResourceChange.GroupWritten(group))
            .Concat(resources.Values.Select(resource => new ResourceChange.Written(resource)));

    private static ResourceKey[] NewKeys(KeySlots? slots, DateTimeOffset now) =>
        [.. (slots?.Names ?? []).Select(slot => new ResourceKey(slot, slots!.NewValue(), now))];

    private static string GroupId(string subscription, string name) => $"/subscriptions/{subscription}/resourceGroups/{name}";

    private static bool Same(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
}
