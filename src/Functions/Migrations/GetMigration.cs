using CustomerFunctions.Edge;
using CustomerFunctions.ServiceAccounts;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Migrations;

/// <summary>Reads the latest migration of a service account: where <c>Operation-Location</c> leads.</summary>
internal static class GetMigration
{
    public static async Task<Results<Ok<MigrationResponse>, Problem>> Handle(
        string customerId, string serviceAccountId, string migrationId, ServiceAccountStore store, TimeProvider clock, HttpContext context, CancellationToken cancellation) =>
        await GetServiceAccount.Find(customerId, serviceAccountId, store, cancellation) is { } account && account.Value.Migration?.Id == migrationId
            ? TypedResults.Ok(MigrationResponse.Of(account.Value).LookedAt(context, clock))
            : Failures.NotFound("migration");
}
