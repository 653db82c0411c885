using CustomerFunctions.Access;
using CustomerFunctions.Edge;

namespace CustomerFunctions.Migrations;

/// <summary>Moving a service account: beginning it, following it, trying it again, and cancelling it before the switch. The timer that settles service accounts goes on with what is unfinished.</summary>
internal static class MigrationsApi
{
    public static void MapMigrations(this IEndpointRouteBuilder app)
    {
        var account = app.MapGroup("/api/customers/{customerId}/service-accounts/{serviceAccountId}").WithTags("Service accounts");
        account.MapPost("migrate", MigrateServiceAccount.Handle).WithName("MigrateServiceAccount").Requires(Permission.ServiceAccountsMigrate).IsIdempotent().ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(422);
        account.MapGet("migrations/{migrationId}", GetMigration.Handle).WithName("GetMigration").Requires(Permission.ServiceAccountsRead).ProducesProblem(404);
        account.MapPost("migrations/{migrationId}/cancel", CancelMigration.Handle).WithName("CancelMigration").Requires(Permission.ServiceAccountsMigrate).IsIdempotent().ProducesProblem(404).ProducesProblem(409);
        account.MapPost("migrations/{migrationId}/unpark", UnparkMigration.Handle).WithName("UnparkMigration").Requires(Permission.ServiceAccountsMigrate).IsIdempotent().ProducesProblem(404).ProducesProblem(409);
    }
}
