using CustomerFunctions.Access;

namespace CustomerFunctions.AccessLog;

/// <summary>The routes of the access log. As with the audit log, a suspended customer may read it, and staff that of a closed one.</summary>
internal static class AccessLogApi
{
    public static void MapAccessLog(this IEndpointRouteBuilder app)
    {
        var logs = app.MapGroup("/api/customers/{customerId}").WithTags("Access log");
        logs.MapGet("access-log", ListAccess.Handle).WithName("ListAccess").Requires(Permission.AccessLogRead).EvenWhenClosed().ProducesProblem(400).ProducesProblem(404);
        logs.MapGet("service-accounts/{serviceAccountId}/access-log", ListServiceAccountAccess.Handle).WithName("ListServiceAccountAccess").Requires(Permission.AccessLogRead).EvenWhenClosed().ProducesProblem(400).ProducesProblem(404);
    }
}
