using CustomerFunctions.Access;
using CustomerFunctions.Audit;
using CustomerFunctions.Edge;
using CustomerFunctions.Roles;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.ServiceAccounts;

internal static class ServiceAccountEvents
{
    /// <summary>The account with an event of its rotation: which one, why, and for whom.</summary>
    public static ServiceAccount Recorded(this ServiceAccount account, string action, Caller caller, TimeProvider clock, IEnumerable<KeyVersion>? keys = null)
    {
        var rotation = account.Rotation;
        Dictionary<string, string> metadata = new() { ["rotationId"] = rotation.Id, ["requestedBy"] = rotation.RequestedBy, ["keyIds"] = string.Join(' ', keys?.Select(key => key.Id) ?? [rotation.KeyId]) };
        if (rotation.Reason is { } reason) { metadata["reason"] = reason; }
        return account.Record(caller.Event(action, account.CustomerId, Target(account), clock, metadata: metadata));
    }

    public static ServiceAccount RecordedAsNew(this ServiceAccount account, Caller caller, TimeProvider clock) => account.Record(caller.Event(
        "serviceAccount.created", account.CustomerId, Target(account), clock,
        AuditChange.Between(null, ServiceAccountResponse.From(new Stored<ServiceAccount>(account, "")), ApiJson.Default.ServiceAccountResponse)));

    /// <summary>The account with the event that makes <paramref name="before"/> into it.</summary>
    public static ServiceAccount RecordedAsChanged(this ServiceAccount account, string action, ServiceAccount before, Caller caller, TimeProvider clock) => account.Record(caller.Event(
        action, account.CustomerId, Target(account), clock,
        AuditChange.Between(ServiceAccountResponse.From(new Stored<ServiceAccount>(before, "")), ServiceAccountResponse.From(new Stored<ServiceAccount>(account, "")), ApiJson.Default.ServiceAccountResponse)));

    public static ServiceAccount RecordedPolicy(this ServiceAccount account, ServiceAccount before, Caller caller, TimeProvider clock) => account.Record(caller.Event(
        "serviceAccount.rotationPolicyChanged", account.CustomerId, Target(account), clock,
        AuditChange.Between(RotationPolicyRequest.From(before.Policy), RotationPolicyRequest.From(account.Policy), ApiJson.Default.RotationPolicyRequest)));

    public static ServiceAccount RecordedDrift(this ServiceAccount account, IReadOnlyList<Drift> drift, Caller caller, TimeProvider clock)
    {
        Dictionary<string, string> metadata = new() { ["drift"] = string.Join("; ", drift.Select(one => $"{one.Kind} {one.Role} at {one.Scope}")) };
        return account.Record(caller.Event("serviceAccount.permissionsDrifted", account.CustomerId, Target(account), clock, metadata: metadata));
    }

    /// <summary>The account with an event that says which roles are left, where those are others than <paramref name="before"/>.</summary>
    public static ServiceAccount RecordedRolesLeft(this ServiceAccount account, IReadOnlyList<HeldRole>? before, Caller caller, TimeProvider clock) =>
        account.RolesLeft is not { } left || left.SequenceEqual(before ?? []) ? account : account.RecordedRoles("serviceAccount.rolesLeft", left, caller, clock);

    /// <summary>The same of those that it had and could not be given back.</summary>
    public static ServiceAccount RecordedRolesLost(this ServiceAccount account, IReadOnlyList<HeldRole>? before, Caller caller, TimeProvider clock) =>
        account.RolesLost is not { } lost || lost.SequenceEqual(before ?? []) ? account : account.RecordedRoles("serviceAccount.rolesLost", lost, caller, clock);

    /// <summary>The account with an event of its migration: from where to where, and why.</summary>
    public static ServiceAccount RecordedMigration(this ServiceAccount account, string action, Caller caller, TimeProvider clock)
    {
        var migration = account.Migration!;
        Dictionary<string, string> metadata = new() { ["migrationId"] = migration.Id, ["requestedBy"] = migration.RequestedBy };
        if (migration.To is { } to) { (metadata["fromResource"], metadata["toResource"]) = (migration.From!.ResourceId, to.ResourceId); }
        if (migration.ToScope is { } scope) { (metadata["fromScope"], metadata["toScope"]) = (migration.FromScope!, scope); }
        if (migration.Reason is { } reason) { metadata["reason"] = reason; }
        return account.Record(caller.Event(action, account.CustomerId, Target(account), clock, metadata: metadata));
    }

    /// <summary>The account with the event of its switch, when what happened to <paramref name="before"/> was one.</summary>
    public static ServiceAccount RecordedIfSwitched(this ServiceAccount account, ServiceAccount before, Caller caller, TimeProvider clock) =>
        account.Migration?.SwitchedAt == before.Migration?.SwitchedAt ? account : account.RecordedMigration("serviceAccount.migrationSwitched", caller, clock);

    private static ServiceAccount RecordedRoles(this ServiceAccount account, string action, IReadOnlyList<HeldRole> roles, Caller caller, TimeProvider clock)
    {
        Dictionary<string, string> metadata = new() { ["roles"] = string.Join("; ", roles.Select(role => $"{role.Role} at {role.Scope}")) };
        return account.Record(caller.Event(action, account.CustomerId, Target(account), clock, metadata: metadata));
    }

    private static AuditTarget Target(ServiceAccount account) => new("serviceAccount", account.Id, account.Name);
}
