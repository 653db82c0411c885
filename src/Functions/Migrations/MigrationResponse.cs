using CustomerFunctions.Edge;
using CustomerFunctions.ServiceAccounts;

namespace CustomerFunctions.Migrations;

/// <summary>One end of a migration.</summary>
/// <param name="ResourceId">The resource whose keys the account rotates; absent when those stay.</param>
/// <param name="Scope">The subscription or resource group of its roles; absent when those stay.</param>
public sealed record MigrationEnd(string? ResourceId, string? Scope);

/// <summary>A migration as a job of the Azure REST guidelines: it has succeeded when the account is the target's; the overlap of what it has left goes on after that.</summary>
/// <param name="Status">Running, Succeeded or Canceled; Failed when it is parked.</param>
/// <param name="Step">What comes next: prepare, verify, switch, retire, undo, done or canceled.</param>
/// <param name="From">What it leaves.</param>
/// <param name="To">Where it goes.</param>
/// <param name="RetiresAt">When what it has left ends.</param>
/// <param name="Attempts">Failed attempts at what is next.</param>
/// <param name="Failure">What went wrong last.</param>
/// <param name="NextAttemptAt">When it goes on, while something is to be waited for.</param>
/// <param name="ParkedAt">Since when it is no longer tried: before the switch <c>POST …/migrations/{id}/unpark</c> tries again, and a switch goes on with <c>POST …/unpark</c> of the account.</param>
public sealed record MigrationResponse(
    string Id, string Status, MigrationStep Step, MigrationEnd From, MigrationEnd To, string RequestedBy, string? Reason, DateTimeOffset StartedAt, DateTimeOffset? SwitchedAt, DateTimeOffset? RetiresAt,
    DateTimeOffset? FinishedAt, int Attempts, string? Failure, DateTimeOffset? NextAttemptAt, DateTimeOffset? ParkedAt)
{
    internal static MigrationResponse Of(ServiceAccount account)
    {
        var migration = account.Migration!;
        var isRotating = migration is { Step: MigrationStep.Switch, NextAt: null };
        var parkedAt = isRotating ? account.Rotation.ParkedAt : migration.ParkedAt;
        return new MigrationResponse(
            migration.Id, migration.SwitchedAt is not null ? "Succeeded" : migration.Step is MigrationStep.Canceled ? "Canceled" : parkedAt is null ? "Running" : "Failed", migration.Step,
            new MigrationEnd(migration.To is null ? null : migration.From?.ResourceId, migration.FromScope), new MigrationEnd(migration.To?.ResourceId, migration.ToScope), migration.RequestedBy, migration.Reason,
            migration.StartedAt, migration.SwitchedAt, migration.RetireAt, migration.FinishedAt, isRotating ? account.Rotation.Attempts : migration.Attempts,
            isRotating ? account.Rotation.LastFailure?.Reason : account.Lifecycle?.Failure ?? migration.LastFailure?.Reason,
            isRotating ? account.WorkDueAt == DateTimeOffset.MaxValue ? null : account.WorkDueAt : migration.IsOpen ? account.LifecycleDueAt : null, parkedAt);
    }

    /// <summary>The same, with an answer that says when to look again while it runs.</summary>
    internal MigrationResponse LookedAt(HttpContext context, TimeProvider clock)
    {
        if (Status == "Running") { JobHeaders.LookAgain(context, NextAttemptAt, clock); }
        return this;
    }

    internal static string Link(ServiceAccount account) => $"/api/customers/{account.CustomerId}/service-accounts/{account.Id}/migrations/{account.Migration!.Id}";
}
