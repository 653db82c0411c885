using System.Collections.Concurrent;
using System.Globalization;
using System.Threading.Channels;
using CustomerFunctions.Access;
using CustomerFunctions.Accounts;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared;

namespace CustomerFunctions.Audit;

/// <summary>
/// Notes what callers were refused: 403, 404 for what they may not know of, 429; who was not let in to an account; and the use of keys that no longer work. Nothing was changed, so there is no document that could carry the event: it is written behind the answer, as well as
/// that goes, and at most <see cref="PerMinute"/> times a minute for one caller on one instance, so that an attack is no load on the log.
/// </summary>
internal sealed partial class RefusalLog(AuditLog log, TimeProvider clock, ILogger<RefusalLog> logger) : BackgroundService
{
    public const int PerMinute = 30;
    private const int MaxCallers = 10_000;
    private static readonly AuditActor Anonymous = new("anonymous", "anonymous");

    private readonly Channel<AuditEvent> refused = Channel.CreateBounded<AuditEvent>(new BoundedChannelOptions(1000) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly ConcurrentDictionary<string, int> noted = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> seen = new(StringComparer.Ordinal);
    private long minute;
    private long hour;

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

    /// <summary>
    /// Notes the use of a known key that no longer works, in the log of its customer: once for each key, reason and hour
    /// on an instance. The access log has the counts.
    /// </summary>
    public void NoteKey(Caller caller, string code)
    {
        if (caller.Principal is not { CustomerId: { } customerId } principal || !IsNewInHour($"{principal.KeyVersionId ?? principal.Id}|{code}")) { return; }
        var isVersion = principal.Kind == PrincipalKind.ServiceAccount;
        var holder = new AuditTarget(principal.KindName, principal.Id);
        var happened = caller.Event(isVersion ? "serviceAccount.keyRefused" : "apiKey.refused", customerId, holder, clock, metadata: new() { ["code"] = code });
        refused.Writer.TryWrite(isVersion ? happened with { Targets = [holder, new AuditTarget("key", principal.KeyVersionId!)] } : happened);
    }

    /// <summary>Notes that a sign-in to an account was refused, and hands the refusal on. An address that nobody has leaves no trace; the answer waits for neither.</summary>
    public Problem SignIn(string? accountId, Problem refusal, HttpContext context)
    {
        if (accountId is not null && !IsTooMuch("sign-in:" + accountId))
        {
            var happened = AccountEvents.Event(accountId, "signIn.refused", AccountEvents.Themselves(accountId, context), clock, metadata: new() { ["code"] = refusal.Kind.Code });
            refused.Writer.TryWrite(happened with { Actor = Anonymous });
        }
        return refusal;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var happened in refused.Reader.ReadAllAsync(stoppingToken))
        {
            try { await log.Append(happened, stoppingToken); }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested) { Lost(logger, happened.Id, e.GetType().Name); }
        }
    }

    private bool IsNewInHour(string what)
    {
        var now = clock.GetUtcNow().ToUnixTimeSeconds() / 3600;
        if (Interlocked.Exchange(ref hour, now) != now || seen.Count > MaxCallers) { seen.Clear(); }
        return seen.TryAdd(what, true);
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
