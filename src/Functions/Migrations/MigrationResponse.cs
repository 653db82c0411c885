using CustomerFunctions.ServiceAccounts;

namespace CustomerFunctions.Migrations;

/// <summary>One end of a migration.</summary>
/// <param name="ResourceId">The resource whose keys the account rotates; absent when those stay.</param>
/// <param name="Scope">The subscription or resource group of its roles; absent when those stay.</param>
public sealed record MigrationEnd(string? ResourceId, string? Scope);

/// <summary>A migration as a job of the Azure REST guidelines: it has succeeded when the account is the target's; the overlap of what it has left goes on after that.</summary>
/// <param name="Status">Running, Succeeded or Canceled.</param>
/// <param name="Step">What comes next: prepare, verify, switch, retire, undo, done or canceled.</param>
/// <param name="From">What it leaves.</param>
/// <param name="To">Where it goes.</param>
/// <param name="RetiresAt">When what it has left ends.</param>
/// <param name="Failure">What went wrong last.</param>
/// <param name="NextAttemptAt">When it goes on, while something is to be waited for.</param>
public sealed record MigrationResponse(
    string Id, string Status, MigrationStep Step, MigrationEnd From, MigrationEnd To, string RequestedBy, string? Reason, DateTimeOffset StartedAt, DateTimeOffset? SwitchedAt, DateTimeOffset? RetiresAt,
    DateTimeOffset? FinishedAt, string? Failure, DateTimeOffset? NextAttemptAt)
{
    internal static MigrationResponse Of(ServiceAccount account)
    {
        var migration = account.Migration!;
        var isRotating = migration is { Step: MigrationStep.Switch, NextAt: null };
        return new MigrationResponse(
            migration.Id, migration.SwitchedAt is not null ? "Succeeded" : migration.Step is MigrationStep.Canceled ? "Canceled" : "Running", migration.Step,
            new MigrationEnd(migration.To is null ? null : migration.From?.ResourceId, migration.FromScope), new MigrationEnd(migration.To?.ResourceId, migration.ToScope), migration.RequestedBy, migration.Reason,
            migration.StartedAt, migration.SwitchedAt, migration.RetireAt, migration.FinishedAt, isRotating ? account.Rotation.LastFailure?.Reason : account.Lifecycle?.Failure,
            isRotating ? account.WorkDueAt == DateTimeOffset.MaxValue ? null : account.WorkDueAt : migration.IsOpen ? account.LifecycleDueAt : null);
    }

    internal static string Link(ServiceAccount account) => $"/api/customers/{account.CustomerId}/service-accounts/{account.Id}/migrations/{account.Migration!.Id}";
}
