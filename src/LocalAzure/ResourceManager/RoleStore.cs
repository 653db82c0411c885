using LocalAzure.State;

namespace LocalAzure.ResourceManager;

/// <summary>Role definitions and assignments; every change is in the journal before it is visible.</summary>
internal sealed class RoleStore : IDisposable
{
    private const int CompactAbove = 1000;
    private readonly Dictionary<string, RoleDefinition> definitions = BuiltInRoles.All.ToDictionary(role => role.Name, StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, RoleAssignment> assignments = new(StringComparer.OrdinalIgnoreCase);
    private readonly Lock gate = new();
    private readonly TimeProvider clock;
    private readonly Journal<RoleChange> journal;

    public RoleStore(string journalPath, TimeProvider clock)
    {
        this.clock = clock;
        journal = Journal<RoleChange>.Open(journalPath, RoleJson.Default.RoleChange, Apply);
        if (journal.Count > CompactAbove + (2 * (definitions.Count + assignments.Count))) { journal.Replace([.. Snapshot()]); }
    }

    public IReadOnlyList<RoleDefinition> Definitions()
    {
        lock (gate) { return [.. definitions.Values]; }
    }

    public RoleDefinition? Definition(string name)
    {
        lock (gate) { return definitions.GetValueOrDefault(name); }
    }

    /// <summary>Makes or changes a custom role. Azure's own are nobody's to change, and two custom ones of a name are one too many.</summary>
    public (RoleDefinition Definition, bool IsNew) Define(RoleDefinition wanted)
    {
        lock (gate)
        {
            var existing = definitions.GetValueOrDefault(wanted.Name);
            if (existing is { IsBuiltIn: true }) { throw RoleRefusals.NotYours(existing.RoleName); }
            if (definitions.Values.Any(other => other.Name != existing?.Name && Same(other.RoleName, wanted.RoleName))) { throw RoleRefusals.NameInUse(wanted.RoleName); }
            var now = clock.GetUtcNow();
            var written = wanted with { Name = existing?.Name ?? wanted.Name, Created = existing?.Created ?? now, Updated = now };
            Commit(new RoleChange.Defined(written));
            return (written, existing is null);
        }
    }

    /// <summary>Removes a custom role that nobody has; null when there is none.</summary>
    public RoleDefinition? Undefine(string name)
    {
        lock (gate)
        {
            if (!definitions.TryGetValue(name, out var definition)) { return null; }
            if (definition.IsBuiltIn) { throw RoleRefusals.NotYours(definition.RoleName); }
            if (assignments.Values.Any(assignment => Same(assignment.Role, name))) { throw RoleRefusals.InUse(); }
            Commit(new RoleChange.Removed(definition.Name));
            return definition;
        }
    }

    public IReadOnlyList<RoleAssignment> Assignments()
    {
        lock (gate) { return [.. assignments.Values.OrderBy(assignment => assignment.Created)]; }
    }

    public RoleAssignment? Assignment(string name)
    {
        lock (gate) { return assignments.GetValueOrDefault(name); }
    }

    /// <summary>Gives a principal a role. The same again changes nothing; the same under another name is refused, and so is another under the same name.</summary>
    public (RoleAssignment Assignment, bool IsNew) Assign(RoleAssignment wanted)
    {
        lock (gate)
        {
            if (assignments.TryGetValue(wanted.Name, out var existing))
            {
                if (!IsSameGrant(existing, wanted)) { throw RoleRefusals.NotUpdatable(); }
                if (existing.Description == wanted.Description && existing.Condition == wanted.Condition) { return (existing, false); }
                var changed = existing with { Description = wanted.Description, Condition = wanted.Condition, ConditionVersion = wanted.ConditionVersion, Updated = clock.GetUtcNow() };
                Commit(new RoleChange.Assigned(changed));
                return (changed, false);
            }
            if (assignments.Values.FirstOrDefault(other => IsSameGrant(other, wanted)) is { } other) { throw RoleRefusals.Exists(other.Name); }
            var now = clock.GetUtcNow();
            var made = wanted with { Created = now, Updated = now };
            Commit(new RoleChange.Assigned(made));
            return (made, true);
        }
    }

    /// <summary>Takes a role away; null when nobody had it by that name.</summary>
    public RoleAssignment? Unassign(string name, string scope)
    {
        lock (gate)
        {
            if (!assignments.TryGetValue(name, out var assignment) || !Same(assignment.Scope, scope)) { return null; }
            Commit(new RoleChange.Removed(assignment.Name));
            return assignment;
        }
    }

    public void Dispose() => journal.Dispose();

    private void Commit(RoleChange change)
    {
        journal.Append(change);
        Apply(change);
    }

    private void Apply(RoleChange change)
    {
        switch (change)
        {
            case RoleChange.Defined { Definition: var definition }: definitions[definition.Name] = definition; break;
            case RoleChange.Assigned { Assignment: var assignment }: assignments[assignment.Name] = assignment; break;
            case RoleChange.Removed { Name: var name }: definitions.Remove(name); assignments.Remove(name); break;
        }
    }

    private IEnumerable<RoleChange> Snapshot() =>
        definitions.Values.Where(definition => !definition.IsBuiltIn).Select(definition => (RoleChange)new RoleChange.Defined(definition))
            .Concat(assignments.Values.Select(assignment => new RoleChange.Assigned(assignment)));

    private static bool IsSameGrant(RoleAssignment one, RoleAssignment other) => Same(one.Scope, other.Scope) && Same(one.PrincipalId, other.PrincipalId) && Same(one.Role, other.Role);

    private static bool Same(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
}
