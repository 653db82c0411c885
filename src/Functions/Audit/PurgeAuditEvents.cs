using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.Audit;

/// <summary>
/// Timer: deletes the events that are older than their customer's plan keeps them, oldest first. A customer comes due when its oldest event does, so a pass costs what there is to
/// delete. The newest event always stays: it is where the log goes on.
/// </summary>
internal static class PurgeAuditEvents
{
    /// <summary>Half of what a transaction takes: an event goes with its mark.</summary>
    private const int AtOnce = 50;

    private const int Stretch = 1000;

    public static Task<TimerResult> Handle(CustomerStore store, AuditLog log, TimeProvider clock, TimerPass pass, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        return pass.Run(
            nameof(PurgeAuditEvents),
            (count, token) => store.AuditPurgesDueAcrossCustomers(now, count, token),
            async (Stored<Customer> customer, CancellationToken token) =>
            {
                var retention = AuditRetention.Of(customer.Value.Plan);
                var oldest = await Purge(log, customer.Value.Id, now - retention, token);
                // Once a day is often enough for a log that has something to delete every minute.
                var due = (oldest ?? now) + retention;
                await store.PostponeAuditPurge(customer.Value.Id, due < now.AddDays(1) ? now.AddDays(1) : due, token);
                return "purged";
            },
            cancellation);
    }

    /// <summary>Deletes what is older than <paramref name="before"/>; returns when the oldest event that is left occurred.</summary>
    private static async Task<DateTimeOffset?> Purge(AuditLog log, string customerId, DateTimeOffset before, CancellationToken cancellation)
    {
        while (true)
        {
            var checkpoint = await AuditCheckpoint.Read(log, customerId, cancellation);
            var end = (await log.ReadHead(customerId, cancellation)).Sequence - 1;
            var first = checkpoint.DeletedThrough + 1;
            var last = Math.Min(first + Stretch - 1, Math.Max(end, checkpoint.Head.Sequence));
            var rows = (await AuditVerifier.RowsBetween(log, customerId, first, last, cancellation)).Select(AuditRow.From).OfType<AuditRow>().ToList();
            if (rows.Count == 0 && checkpoint.DeletedThrough < checkpoint.Head.Sequence)
            {
                // The last run deleted everything it meant to and ended before it could say so.
                await log.Save(checkpoint with { DeletedThrough = checkpoint.Head.Sequence }, customerId, cancellation);
                continue;
            }
            var old = rows.TakeWhile(row => row.Sequence <= checkpoint.Head.Sequence || (row.Sequence <= end && row.Event().OccurredAt < before)).ToList();
            if (old.Count == 0) { return rows.FirstOrDefault()?.Event().OccurredAt; }

            // First what is meant to be gone, then the deletion, then that it is done: wherever it stops, the log verifies and the next run goes on.
            var cut = old[^1].Sequence > checkpoint.Head.Sequence ? old[^1].AsHead() : checkpoint.Head;
            await log.Save(new AuditCheckpoint(cut, checkpoint.DeletedThrough), customerId, cancellation);
            foreach (var batch in old.Chunk(AtOnce)) { await log.Delete(batch, cancellation); }
            await log.Save(new AuditCheckpoint(cut, old[^1].Sequence), customerId, cancellation);
        }
    }
}
