using CustomerFunctions.Access;
using CustomerFunctions.Edge;
using CustomerFunctions.ServiceAccounts;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Migrations;

/// <summary>
/// Cancels a migration that has not switched yet: the account stays where it is, and what was prepared is taken back. Key Vault is asked whether the target's key has been published, by an instance that
/// died before it could say so: then it is too late. While the secret is closed that cannot be seen, and a switch that has begun cannot be cancelled. Cancelling one that is cancelled changes nothing.
/// </summary>
internal static class CancelMigration
{
    public static async Task<Results<Accepted<MigrationResponse>, Problem>> Handle(
        string customerId, string serviceAccountId, string migrationId, Caller caller, ServiceAccountStore store, SecretVault vault, LifecycleEngine engine, TimeProvider clock, HttpContext context, CancellationToken cancellation)
    {
        while (true)
        {
            if (await GetServiceAccount.Find(customerId, serviceAccountId, store, cancellation) is not { Value.Migration: { } migration } account || migration.Id != migrationId) { return Failures.NotFound("migration"); }
            if (migration.Step is MigrationStep.Undo or MigrationStep.Canceled) { return MigrateServiceAccount.Answer(account.Value, context, clock); }
            if (account.Value.Deletion is not null) { return Failures.ServiceAccountDeleting(); }
            if (await RefusalOf(account.Value, vault, clock.GetUtcNow(), cancellation) is { } refusal) { return refusal; }

            var canceled = MigrationSteps.Cancel(account.Value, clock.GetUtcNow()).RecordedMigration("serviceAccount.migrationCanceled", caller, clock);
            var applied = await engine.Apply(account, canceled, cancellation);
            if (applied.Saved) { return MigrateServiceAccount.Answer(applied.Account!.Value, context, clock); }
        }
    }

    private static async Task<Problem?> RefusalOf(ServiceAccount account, SecretVault vault, DateTimeOffset now, CancellationToken cancellation)
    {
        if (account.Migration!.SwitchedAt is not null) { return Failures.MigrationSwitched(MigrationResponse.Link(account)); }
        if (account.Migration.RotationBefore is null) { return null; }
        // Nobody can read what the switch may have published; a cancellation would bring it out when the secret is opened again.
        if (account.Suspension is not null || account.Withdrawal is not null) { return Failures.ServiceAccountNotActive(); }
        if (account.LeasedUntil > now || account.Rotation.Trigger == RotationTrigger.Emergency) { return Failures.RotationInProgress(RotationResponse.Link(account)); }
        return (await vault.Newest(account.SecretToSet, cancellation))?.KeyId == account.Rotation.KeyId ? Failures.MigrationSwitched(MigrationResponse.Link(account)) : null;
    }
}
