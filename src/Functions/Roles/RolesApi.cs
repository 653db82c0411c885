using CustomerFunctions.Access;
using CustomerFunctions.Edge;

namespace CustomerFunctions.Roles;

/// <summary>What service accounts may do: reading, saying, verifying and repairing it, and the timer that looks every day.</summary>
internal static class RolesApi
{
    public static void MapRoles(this IEndpointRouteBuilder app)
    {
        var permissions = app.MapGroup("/api/customers/{customerId}/service-accounts/{serviceAccountId}/permissions").WithTags("Service accounts");
        permissions.MapGet("", GetPermissions.Handle).WithName("GetPermissions").HasETag().Requires(Permission.ServiceAccountsRead).ProducesProblem(404);
        permissions.MapPut("", PutPermissions.Handle).WithName("PutPermissions").Requires(Permission.ServiceAccountsPermit).ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(412).ProducesProblem(428);
        permissions.MapPost("verify", VerifyPermissions.Handle).WithName("VerifyPermissions").Requires(Permission.ServiceAccountsPermit).ProducesProblem(404).ProducesProblem(409);
        permissions.MapPost("repair", RepairPermissions.Handle).WithName("RepairPermissions").Requires(Permission.ServiceAccountsPermit).ProducesProblem(404).ProducesProblem(409);
        var scope = app.MapGroup("/api/customers/{customerId}/azure-scope").WithTags("Service accounts");
        scope.MapGet("", GetAzureScope.Handle).WithName("GetAzureScope").HasETag().Requires(Permission.ServiceAccountsRead).ProducesProblem(404);
        scope.MapPut("", PutAzureScope.Handle).WithName("PutAzureScope").Requires(Permission.ServiceAccountsPermit).ProducesProblem(400).ProducesProblem(404).ProducesProblem(412).ProducesProblem(428);
        app.MapPost("/" + nameof(AuditServiceAccountPermissions), AuditServiceAccountPermissions.Handle).IsTimer(nameof(AuditServiceAccountPermissions), "PermissionAuditSchedule");
    }
}
