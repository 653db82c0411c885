using CustomerFunctions.AccessLog;
using CustomerFunctions.Accounts;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.Audit;

/// <summary>
/// Timer: deletes the events that are older than their customer's plan keeps them, or than accounts' logs are kept, oldest first. A customer or account comes due when its oldest event does, so a pass costs what there is to
/// delete. The access log goes with it. The newest event always stays: it is where the log goes on.
/// </summary>
internal static class PurgeAuditEvents
{
    /// <summary>Half of what a transaction takes: an event goes with its mark.</summary>
    private const int AtOnce = 50;

    private const int Stretch = 1000;

    public static async Task<TimerResult> Handle(CustomerStore customers, AccountStore accounts, AuditLog log, AccessTable access, TimeProvider clock, TimerPass pass, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var ofCustomers = await pass.Run(
            nameof(PurgeAuditEvents),
            (count, token) => customers.AuditPurgesDueAcrossCustomers(now, count, token),
            async (Stored<Customer> customer, CancellationToken token) =>
            {
                var retention = AuditRetention.Of(customer.Value.Plan);
                var due = await PurgeLog(log, customer.Value.Id, retention, now, token);
                // Keys are used every hour: as long as they are there is something to delete every day.
                if (await access.Purge(customer.Value.Id, now - retention, token)) { due = now.AddDays(1); }
                await customers.PostponeAuditPurge(customer.Value.Id, due, token);
                return "purged";
            },
            cancellation);
        var ofAccounts = await pass.Run(
            nameof(PurgeAuditEvents),
            (count, token) => accounts.AuditPurgesDueAcrossAccounts(now, count, token),
            async (Stored<Account> account, CancellationToken token) =>
            {
                await accounts.PostponeAuditPurge(account.Value.Id, await PurgeLog(log, account.Value.Id, AuditRetention.OfAccounts, now, token), token);
                return "purged";
            },
            cancellation);
        return ofCustomers.And(ofAccounts);
    }

    /// <summary>Deletes what is too old; returns when to look again. Once a day is often enough for a log that has something to delete every minute.</summary>
    private static async Task<DateTimeOffset> PurgeLog(AuditLog log, string partition, TimeSpan retention, DateTimeOffset now, CancellationToken cancellation)
    {
        var oldest = await Purge(log, partition, now - retention, cancellation);
        var due = (oldest ?? now) + retention;
        return due < now.AddDays(1) ? now.AddDays(1) : due;
    }

    /// <summary>Deletes what is older than <paramref name="before"/>; returns when the oldest event that is left occurred.</summary>
    private static async Task<DateTimeOffset?> Purge(AuditLog log, string partition, DateTimeOffset before, CancellationToken cancellation)
    {
        while (true)
        {
            var checkpoint = await AuditCheckpoint.Read(log, partition, cancellation);
            var end = (await log.ReadHead(partition, cancellation)).Sequence - 1;
            var first = checkpoint.DeletedThrough + 1;
            var last = Math.Min(first + Stretch - 1, Math.Max(end, checkpoint.Head.Sequence));
            var rows = (await AuditVerifier.RowsBetween(log, partition, first, last, cancellation)).Select(AuditRow.From).OfType<AuditRow>().ToList();
            if (rows.Count == 0 && checkpoint.DeletedThrough < checkpoint.Head.Sequence)
            {
                // The last run deleted everything it meant to and ended before it could say so.
                await log.Save(checkpoint with { DeletedThrough = checkpoint.Head.Sequence }, partition, cancellation);
                continue;
            }
            var old = rows.TakeWhile(row => row.Sequence <= checkpoint.Head.Sequence || (row.Sequence <= end && row.Event().OccurredAt < before)).ToList();
            if (old.Count == 0) { return rows.FirstOrDefault()?.Event().OccurredAt; }

            // First what is meant to be gone, then the deletion, then that it is done: wherever it stops, the log verifies and the next run goes on.
            var cut = old[^1].Sequence > checkpoint.Head.Sequence ? old[^1].AsHead() : checkpoint.Head;
            await log.Save(new AuditCheckpoint(cut, checkpoint.DeletedThrough), partition, cancellation);
            foreach (var batch in old.Chunk(AtOnce)) { await log.Delete(batch, cancellation); }
            await log.Save(new AuditCheckpoint(cut, old[^1].Sequence), partition, cancellation);
        }
    }
}
