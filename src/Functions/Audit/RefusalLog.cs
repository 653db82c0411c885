using System.Collections.Concurrent;
using System.Globalization;
using System.Threading.Channels;
using Azure;
using CustomerFunctions.Access;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared;

namespace CustomerFunctions.Audit;

/// <summary>
/// Notes what callers were refused: 403, 404 for what they may not know of, 429. Nothing was changed, so there is no document that could carry the event: it is written behind the answer, as well as
/// that goes, and at most <see cref="PerMinute"/> times a minute for one caller on one instance, so that an attack is no load on the log.
/// </summary>
internal sealed partial class RefusalLog(AuditLog log, TimeProvider clock, ILogger<RefusalLog> logger) : BackgroundService
{
    public const int PerMinute = 30;
    private const int MaxCallers = 10_000;

    private readonly Channel<AuditEvent> refused = Channel.CreateBounded<AuditEvent>(new BoundedChannelOptions(1000) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly ConcurrentDictionary<string, int> noted = new(StringComparer.Ordinal);
    private long minute;

    /// <summary>Notes that a request was answered with this status, and with this code where it is known.</summary>
    public void Note(Caller caller, int status, string? code, HttpContext context)
    {
        // To staff a 404 says that there is no such customer, which refuses nobody anything.
        if (status is not (403 or 404 or 429) || (status == 404 && caller.IsStaff) || IsTooMuch(caller.Id)) { return; }
        var function = new AuditTarget("function", context.GetEndpoint()?.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName ?? "");
        var asked = context.Request.RouteValues.TryGetValue("customerId", out var id) && Ids.IsValid(id as string, "cus_") ? new AuditTarget("customer", (string)id!) : null;
        Dictionary<string, string> metadata = new() { ["status"] = status.ToString(CultureInfo.InvariantCulture) };
        if (code is not null) { metadata["code"] = code; }
        // Whoever may not know of a customer leaves his trace in his own log, not in that customer's.
        var happened = caller.Event("access.refused", caller.Principal.CustomerId ?? (status == 403 ? asked?.Id : null), function, clock, metadata: metadata);
        refused.Writer.TryWrite(asked is null ? happened : happened with { Targets = [function, asked] });
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var happened in refused.Reader.ReadAllAsync(stoppingToken))
        {
            try { await log.Append(happened, stoppingToken); }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested && (e is RequestFailedException || ExceptionEdge.IsDependencyFailure(e))) { Lost(logger, happened.Id, e.GetType().Name); }
        }
    }

    private bool IsTooMuch(string callerId)
    {
        var now = clock.GetUtcNow().ToUnixTimeSeconds() / 60;
        if (Interlocked.Exchange(ref minute, now) != now || noted.Count > MaxCallers) { noted.Clear(); }
        return noted.AddOrUpdate(callerId, 1, (_, count) => count + 1) > PerMinute;
    }

    [LoggerMessage(1502, LogLevel.Warning, "Refusal {EventId} is not in the audit log: {Exception}")]
    private static partial void Lost(ILogger log, string eventId, string exception);
}
