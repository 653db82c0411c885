using CustomerFunctions.Access;
using CustomerFunctions.Edge;
using CustomerFunctions.ServiceAccounts;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Migrations;

/// <summary>Tries a parked migration again now, at the step that failed and with all its attempts before it. A switch that is parked is a rotation that is, and is taken up with <see cref="UnparkServiceAccount"/>.</summary>
internal static class UnparkMigration
{
    public static async Task<Results<Accepted<MigrationResponse>, Problem>> Handle(
        string customerId, string serviceAccountId, string migrationId, Caller caller, ServiceAccountStore store, LifecycleEngine engine, TimeProvider clock, HttpContext context, CancellationToken cancellation)
    {
        while (true)
        {
            if (await GetServiceAccount.Find(customerId, serviceAccountId, store, cancellation) is not { Value.Migration: { } migration } account || migration.Id != migrationId) { return Failures.NotFound("migration"); }
            if (account.Value.Deletion is not null) { return Failures.ServiceAccountDeleting(); }
            if (account.Value.Suspension is not null || account.Value.Withdrawal is not null) { return Failures.ServiceAccountNotActive(); }
            if (migration.ParkedAt is null) { return Failures.MigrationNotParked(MigrationResponse.Link(account.Value)); }

            var unparked = MigrationSteps.Unpark(account.Value, clock.GetUtcNow()).RecordedMigration("serviceAccount.migrationUnparked", caller, clock);
            var applied = await engine.Apply(account, unparked, cancellation);
            if (applied.Saved) { return MigrateServiceAccount.Answer(applied.Account!.Value, context, clock); }
        }
    }
}
