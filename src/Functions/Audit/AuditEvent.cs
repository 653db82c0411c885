using System.Text.Json.Nodes;
using CustomerFunctions.Access;
using CustomerFunctions.Shared;

namespace CustomerFunctions.Audit;

/// <summary>
/// Who did it: <c>account</c>, <c>apiKey</c>, <c>serviceAccount</c>, <c>system</c> for the app itself and the first administrator, or <c>anonymous</c> for whoever was refused before showing who it is.
/// </summary>
public sealed record AuditActor(string Type, string Id, string? Name = null);

/// <summary>What it was done to.</summary>
public sealed record AuditTarget(string Type, string Id, string? Name = null);

/// <summary>Where the request came from; <c>location</c> is its address, <c>traceId</c> the one that answer and logs carry.</summary>
public sealed record AuditContext(string? Location, string? UserAgent, string TraceId);

/// <summary>
/// One thing that happened: the shape of WorkOS' audit events, with the change itself and the chain's links. What is not known is left out.
/// </summary>
public sealed record AuditEvent
{
    public required string Id { get; init; }

    /// <summary>Dotted, such as <c>customer.updated</c>.</summary>
    public required string Action { get; init; }

    /// <summary>Of the action's form; a later one says more.</summary>
    public int Version { get; init; } = 1;

    public required DateTimeOffset OccurredAt { get; init; }

    public required AuditActor Actor { get; init; }

    /// <summary>The member of staff who acted in the actor's name.</summary>
    public AuditActor? Impersonator { get; init; }

    public string? CustomerId { get; init; }

    /// <summary>Whose account it is about, of an event in an account's own log.</summary>
    public string? AccountId { get; init; }

    public required IReadOnlyList<AuditTarget> Targets { get; init; }

    public required AuditContext Context { get; init; }

    /// <summary>Which change of the document it came with this is; grows with each.</summary>
    public long? ResourceVersion { get; init; }

    /// <summary>The fields that changed, as they were.</summary>
    public JsonObject? Before { get; init; }

    /// <summary>The fields that changed, as they are now.</summary>
    public JsonObject? After { get; init; }

    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary>Its place in the log, from 1. This and the hashes are the log's, and not part of the event that is hashed.</summary>
    public long? Sequence { get; init; }

    public string? PrevHash { get; init; }

    public string? Hash { get; init; }

    /// <summary>Whose log it belongs in: its customer's, else its account's, else that of the person who did it, else the platform's.</summary>
    internal string Partition() => CustomerId ?? AccountId ?? (Actor.Type == "account" ? Actor.Id : AuditLog.PlatformPartition);
}

internal static class AuditEvents
{
    /// <summary>An event of something that the caller does now.</summary>
    /// <param name="caller">Who does it.</param>
    /// <param name="action">What, dotted.</param>
    /// <param name="customerId">Whose it is; null when it is no customer's.</param>
    /// <param name="target">What it is done to.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="change">What becomes different.</param>
    /// <param name="metadata">What else is worth knowing; never a secret.</param>
    public static AuditEvent Event(
        this Caller caller, string action, string? customerId, AuditTarget target, TimeProvider clock, AuditChange? change = null, Dictionary<string, string>? metadata = null)
    {
        var impersonator = caller.Principal.Impersonator;
        if (impersonator is not null) { metadata = new(metadata ?? []) { ["impersonationReason"] = impersonator.Reason }; }
        return new AuditEvent
        {
            Id = Ids.Event(clock),
            Action = action,
            OccurredAt = clock.GetUtcNow(),
            Actor = new AuditActor(caller.Principal.KindName, caller.Id),
            Impersonator = impersonator is null ? null : new AuditActor("account", impersonator.AccountId),
            CustomerId = customerId,
            Targets = [target],
            Context = new AuditContext(caller.Address, caller.UserAgent, caller.TraceId),
            Before = change?.Before,
            After = change?.After,
            Metadata = metadata,
        };
    }
}
