using CustomerFunctions.Access;
using CustomerFunctions.Edge;
using CustomerFunctions.Exports;
using CustomerFunctions.Flags;

namespace CustomerFunctions.Audit;

/// <summary>The routes of the audit log, and its timers. A suspended customer may read its log, and staff that of a closed one.</summary>
internal static class AuditApi
{
    public static void MapAudit(this IEndpointRouteBuilder app)
    {
        var log = app.MapGroup("/api/customers/{customerId}/audit-log").WithTags("Audit log");
        log.MapGet("", ListAuditEvents.Handle).WithName("ListAuditEvents").Requires(Permission.AuditRead).EvenWhenClosed().ProducesProblem(400).ProducesProblem(404);
        log.MapGet("verify", VerifyAuditLog.Handle).WithName("VerifyAuditLog").Requires(Permission.AuditRead).EvenWhenClosed().ProducesProblem(400).ProducesProblem(404);

        log.MapGet("export", ExportAuditLog.Handle).WithName("ExportAuditLog").Requires(Permission.AuditRead).Takes(FeatureFlags.AuditExport).EvenWhenClosed().Produces<string>(200, JsonLines.ContentType).ProducesProblem(400).ProducesProblem(404);

        var ofAccount = app.MapGroup("/api/accounts/{accountId}/audit-log").WithTags("Audit log");
        ofAccount.MapGet("", ListAuditEvents.OfAccount).WithName("ListAccountAuditEvents").Requires(Permission.AuditRead).ProducesProblem(400).ProducesProblem(404);
        ofAccount.MapGet("verify", VerifyAuditLog.OfAccount).WithName("VerifyAccountAuditLog").Requires(Permission.AuditRead).ProducesProblem(400).ProducesProblem(404);

        var own = app.MapGroup("/api/auth/me/audit-log").WithTags("Audit log");
        own.MapGet("", ListAuditEvents.OfCaller).WithName("ListOwnAuditEvents").Requires(Permission.AccountSelf).ProducesProblem(400);
        own.MapGet("verify", VerifyAuditLog.OfCaller).WithName("VerifyOwnAuditLog").Requires(Permission.AccountSelf).ProducesProblem(400);

        app.MapPost("/" + nameof(WriteAuditEvents), WriteAuditEvents.Handle).IsTimer(nameof(WriteAuditEvents), "AuditWriteSchedule");
        app.MapPost("/" + nameof(PurgeAuditEvents), PurgeAuditEvents.Handle).IsTimer(nameof(PurgeAuditEvents), "AuditPurgeSchedule");
    }
}
