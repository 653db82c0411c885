using System.Runtime.CompilerServices;
using Azure;
using Azure.Data.Tables;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.AccessLog;

/// <summary>The access log in Table Storage: a partition for each customer, and one for each of its service accounts with what is about that one; the newest hour first.</summary>
internal sealed class AccessTable(AzureClients azure)
{
    /// <summary>What a transaction takes.</summary>
    private const int AtOnce = 100;

    /// <summary>How many pages one answer looks at.</summary>
    private const int MaxScans = 5;

    private const int PageSize = 200;

    public const string Name = "access";

    private TableClient Table => azure.Table(Name);

    /// <summary>Writes a count into every log that has it. Again is harmless: it replaces what is there.</summary>
    public async Task Save(AccessCount count, string part, CancellationToken cancellation)
    {
        foreach (var row in count.Subject.Logs.Select(log => count.ToEntity(log, part)))
        {
            try { await Table.UpsertEntityAsync(row, TableUpdateMode.Replace, cancellation); }
            catch (RequestFailedException e) when (e.Status == 404)
            {
                await Table.CreateIfNotExistsAsync(cancellation);
                await Table.UpsertEntityAsync(row, TableUpdateMode.Replace, cancellation);
            }
        }
    }

    /// <summary>
    /// Counts that a filter finds, the parts of each added up, and the cursor behind them. A count is not torn between two pages, unless its parts alone are more than the service reads at once.
    /// </summary>
    /// <param name="log">A customer's, or a service account's.</param>
    /// <param name="filter">An OData filter; rows behind a cursor are added to it.</param>
    /// <param name="size">At most so many.</param>
    /// <param name="cursor">Of an earlier page.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public async Task<(IReadOnlyList<AccessCount> Counts, string? Next)> Read(string log, string filter, int size, string? cursor, CancellationToken cancellation)
    {
        var (after, token) = cursor switch { null => (null, null), ['k', .. var key] => (key, null), _ => ((string?)null, cursor[1..]) };
        if (after is not null) { filter += $" and RowKey gt {TableRows.Quote(AccessSubject.After(after))}"; }
        var found = new OrderedDictionary<string, AccessCount>(StringComparer.Ordinal);
        for (var scan = 0; scan < MaxScans && found.Count <= size; scan++)
        {
            await foreach (var page in Table.Rows($"PartitionKey eq {TableRows.Quote(log)} and {filter}", null, cancellation).AsPages(token))
            {
                foreach (var row in page.Values)
                {
                    var (key, count) = (AccessSubject.KeyOf(row.RowKey), AccessCount.From(row));
                    found[key] = found.TryGetValue(key, out var before) ? before.And(count) : count;
                }
                token = page.ContinuationToken;
                break;
            }
            if (token is null) { break; }
        }
        var whole = token is null ? found.Count : found.Count - 1;
        if (whole <= 0 && token is not null) { return ([.. found.Values], "t" + token); }
        var taken = found.Take(Math.Min(size, whole)).ToList();
        return ([.. taken.Select(pair => pair.Value)], token is null && taken.Count == found.Count ? null : "k" + taken[^1].Key);
    }

    /// <summary>Every count of a log, the newest hour first.</summary>
    public async IAsyncEnumerable<AccessCount> Each(string log, [EnumeratorCancellation] CancellationToken cancellation)
    {
        string? cursor = null;
        do
        {
            (var counts, cursor) = await Read(log, "RowKey gt ''", PageSize, cursor, cancellation);
            foreach (var count in counts) { yield return count; }
        }
        while (cursor is not null);
    }

    /// <summary>Deletes the hours that ended before an instant, of a customer and its service accounts; true when any are left.</summary>
    public async Task<bool> Purge(string customerId, DateTimeOffset before, CancellationToken cancellation)
    {
        // The hour that it falls in is not over then.
        var old = $"RowKey gt {TableRows.Quote(AccessSubject.After(AccessSubject.HourKey(AccessSubject.HourOf(before))))}";
        var logs = $"PartitionKey ge {TableRows.Quote(customerId)} and PartitionKey lt {TableRows.Quote(AccessSubject.AfterLogs(customerId))}";
        await foreach (var page in Table.Rows($"{logs} and {old}", null, cancellation).AsPages())
        {
            foreach (var log in page.Values.GroupBy(row => row.PartitionKey))
            {
                foreach (var rows in log.Chunk(AtOnce)) { await Delete(rows, cancellation); }
            }
        }
        await foreach (var _ in Table.Rows(logs, 1, cancellation)) { return true; }
        return false;
    }

    private async Task Delete(IReadOnlyList<TableEntity> rows, CancellationToken cancellation)
    {
        try { await Table.SubmitTransactionAsync([.. rows.Select(row => new TableTransactionAction(TableTransactionActionType.Delete, row))], cancellation); }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            // One that is gone fails them all. Then one by one.
            foreach (var row in rows) { await Table.DeleteEntityAsync(row.PartitionKey, row.RowKey, cancellationToken: cancellation); }
        }
    }
}
