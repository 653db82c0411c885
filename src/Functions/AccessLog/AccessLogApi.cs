using CustomerFunctions.Access;

namespace CustomerFunctions.AccessLog;

/// <summary>The route of the access log. As with the audit log, a suspended customer may read it, and staff that of a closed one.</summary>
internal static class AccessLogApi
{
    public static void MapAccessLog(this IEndpointRouteBuilder app) =>
        app.MapGet("/api/customers/{customerId}/access-log", ListAccess.Handle).WithTags("Access log").WithName("ListAccess")
            .Requires(Permission.AccessLogRead).EvenWhenClosed().ProducesProblem(400).ProducesProblem(404);
}
