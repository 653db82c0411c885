using System.Text.Json;
using Azure;
using CustomerFunctions.Edge;
using CustomerFunctions.Notifications;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.Audit;

/// <summary>
/// A change and its event are one write: the event rides in the changed document, and from there it goes into the log and to the people who are told of it. When that does not work out within the request, the
/// change stands and is acknowledged, and the timer <see cref="WriteAuditEvents"/> brings the event home.
/// </summary>
internal sealed partial class Outbox(AuditLog log, NoticeBoard board, ILogger<Outbox> logger)
{
    /// <summary>The timer leaves requests that are under way this much time.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromMinutes(1);

    /// <summary>So many events may wait in a document for the timer; the request that brings another empties the outbox itself.</summary>
    public const int MayWait = 20;

    /// <summary>With so many in it, because the log has been down for long, a document takes no event that is not due to its owner being signed in.</summary>
    public const int Full = 500;

    /// <summary>A log that does not answer costs a caller this long at the most.</summary>
    private static readonly TimeSpan FlushTime = TimeSpan.FromSeconds(3);

    /// <summary>Empties the outbox of a document that was just written. A failure is the timer's business, and not the caller's.</summary>
    public async Task<Stored<T>> Flush<T>(Documents documents, string partition, Stored<T> stored, CancellationToken cancellation)
        where T : Document
    {
        if (stored.Value.Outbox is null) { return stored; }
        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        time.CancelAfter(FlushTime);
        try
        {
            return await Deliver(documents, partition, stored, time.Token);
        }
        catch (Exception e)
        {
            // Whatever it is: the change stands, and what stands is acknowledged.
            LeftForTimer(logger, stored.Value.Id, e.GetType().Name, (e as RequestFailedException)?.Status ?? 0);
            return stored;
        }
    }

    /// <summary>Writes a document's events, tells of them and clears its outbox. Whatever stops it in between, it may begin again: each step is done once.</summary>
    public async Task<Stored<T>> Deliver<T>(Documents documents, string partition, Stored<T> stored, CancellationToken cancellation)
        where T : Document
    {
        foreach (var happened in stored.Value.Outbox!.Select(item => item.Deserialize(StoreJson.Default.AuditEvent)!))
        {
            await log.Append(happened, cancellation);
            await board.Post(happened, cancellation);
        }
        return await documents.ClearOutbox(partition, stored, cancellation);
    }

    [LoggerMessage(1501, LogLevel.Warning, "The audit events of {DocumentId} wait for the timer: {Exception}, status {Status}")]
    private static partial void LeftForTimer(ILogger log, string documentId, string exception, int status);
}

internal static class Recording
{
    /// <summary>The document with an event that is to be stored with it. A document that is not written is not recorded either.</summary>
    public static T Record<T>(this T document, AuditEvent happened)
        where T : Document => document with
        {
            // The write that this event goes with counts the revision up.
            Outbox = [.. document.Outbox ?? [], JsonSerializer.SerializeToElement(happened with { ResourceVersion = document.Revision + 1 }, StoreJson.Default.AuditEvent)],
            // The first counts: somebody who keeps coming must not keep the timer away.
            OutboxDueAt = document.OutboxDueAt ?? happened.OccurredAt + Outbox.Grace,
        };
}
