using System.Buffers;
using CustomerFunctions.Edge;
using CustomerFunctions.Exports;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Audit;

/// <summary>Exports a customer's audit log, newest first, as JSON lines: each event as the list has it, with the hashes by which the chain can be checked.</summary>
internal static class ExportAuditLog
{
    private const int PageSize = 1_000;
    private static readonly string[] Parameters = ["actor", "action", "from", "to"];

    /// <param name="customerId">Whose log.</param>
    /// <param name="actor">The id of an account, API key or service account.</param>
    /// <param name="action">An action, such as <c>customer.updated</c>.</param>
    /// <param name="from">Events from this instant on (RFC 3339).</param>
    /// <param name="to">Events before this instant.</param>
    public static Results<StreamedAnswer<AuditEvent>, Problem> Handle(
        string customerId, string? actor, string? action, string? from, string? to, AuditLog log, HttpRequest request, CancellationToken cancellation)
    {
        var checks = new Checks();
        checks.Parameters(request, Parameters);
        var filter = ListAuditEvents.Filter(checks, actor, action, from, to);
        if (checks.Refusal is { } refusal) { return refusal; }

        var events = log.Rows(customerId, filter, PageSize, cancellation).Select(entity => AuditRow.From(entity)).OfType<AuditRow>().Select(row => row.Event());
        return new StreamedAnswer<AuditEvent>(JsonLines.ContentType, $"{customerId}-audit-log.jsonl", events, Write);
    }

    private static void Write(IBufferWriter<byte> output, AuditEvent happened) => JsonLines.Write(output, happened, ApiJson.Default.AuditEvent);
}
