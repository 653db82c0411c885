using CustomerFunctions.Access;
using CustomerFunctions.Edge;

namespace CustomerFunctions.Audit;

/// <summary>The routes of the audit log, and its timers. A suspended customer may read its log, and staff that of a closed one.</summary>
internal static class AuditApi
{
    public static void MapAudit(this IEndpointRouteBuilder app)
    {
        var log = app.MapGroup("/api/customers/{customerId}/audit-log").WithTags("Audit log");
        log.MapGet("", ListAuditEvents.Handle).WithName("ListAuditEvents").Requires(Permission.AuditRead).EvenWhenClosed().ProducesProblem(400).ProducesProblem(404);
        log.MapGet("verify", VerifyAuditLog.Handle).WithName("VerifyAuditLog").Requires(Permission.AuditRead).EvenWhenClosed().ProducesProblem(400).ProducesProblem(404);

        app.MapPost("/" + nameof(WriteAuditEvents), WriteAuditEvents.Handle).IsTimer(nameof(WriteAuditEvents), "AuditWriteSchedule");
        app.MapPost("/" + nameof(PurgeAuditEvents), PurgeAuditEvents.Handle).IsTimer(nameof(PurgeAuditEvents), "AuditPurgeSchedule");
    }
}
