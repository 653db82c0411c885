using Azure;
using Azure.Data.Tables;
using CustomerFunctions.Shared.Azure;
using Microsoft.Extensions.Caching.Memory;

namespace CustomerFunctions.Audit;

/// <summary>
/// The logs, one for each customer, in Table Storage. A log is a chain: whoever appends adds the row behind the newest one, and the store refuses a second row of that sequence, so
/// writers on many instances make one chain without a gap. An instance remembers where the logs end that it has written, so an append is one request.
/// </summary>
internal sealed class AuditLog(AzureClients azure, TimeProvider clock) : IDisposable
{
    /// <summary>The log of what belongs to no customer and no person.</summary>
    public const string PlatformPartition = "platform";

    private const int Tries = 50;
    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(20);

    private readonly MemoryCache heads = new(new MemoryCacheOptions { SizeLimit = 20_000 });

    /// <summary>Appends to one log take turns within an instance; they could only get in each other's way.</summary>
    private readonly SemaphoreSlim[] turns = [.. Enumerable.Range(0, 64).Select(_ => new SemaphoreSlim(1))];

    private TableClient Table => azure.Table("audit");

    /// <summary>Appends an event to the log it belongs in; one that is there already is not written again, whoever tries and however often.</summary>
    public async Task Append(AuditEvent happened, CancellationToken cancellation)
    {
        var partition = happened.Partition();
        var turn = turns[(uint)partition.GetHashCode(StringComparison.Ordinal) % turns.Length];
        await turn.WaitAsync(cancellation);
        // Until an append has succeeded, what is remembered of the log's end may be wrong.
        var head = heads.Get<AuditHead>(partition);
        heads.Remove(partition);
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                var row = AuditRow.After(head ?? await ReadHead(partition, cancellation), partition, happened);
                if (await TryAdd(row, attempt, cancellation)) { heads.Set(partition, row.AsHead(), new MemoryCacheEntryOptions { Size = 1, SlidingExpiration = TimeSpan.FromHours(1) }); return; }
                if (await Table.Row(partition, happened.Id, cancellation) is not null) { return; }
                head = null;
                await Task.Delay(BetweenTries * Random.Shared.NextDouble(), clock, cancellation);
            }
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>The rows of a log that a filter finds, newest first.</summary>
    public AsyncPageable<TableEntity> Rows(string partition, string filter, int? maxPerPage, CancellationToken cancellation) =>
        Table.Rows($"PartitionKey eq {TableRows.Quote(partition)} and {filter}", maxPerPage, cancellation);

    /// <summary>All events of a log, newest first.</summary>
    public IAsyncEnumerable<AuditEvent> Events(string partition, CancellationToken cancellation) =>
        Rows(partition, $"RowKey lt '{AuditRow.EndOfEvents}'", maxPerPage: 1_000, cancellation).Select(entity => AuditRow.From(entity)).OfType<AuditRow>().Select(row => row.Event());

    public async Task<AuditHead> ReadHead(string partition, CancellationToken cancellation)
    {
        await foreach (var entity in Rows(partition, $"RowKey lt '{AuditRow.EndOfEvents}'", maxPerPage: 1, cancellation))
        {
            // A key of another form is none of ours; a log goes on in spite of it, and verification reports it.
            if (AuditRow.SequenceOf(entity.RowKey) is { } sequence) { return new AuditHead(sequence, entity.Text("hash") ?? ""); }
        }
        return AuditHead.Empty;
    }

    /// <summary>The row of a log with this key; null when there is none.</summary>
    public Task<TableEntity?> Row(string partition, string rowKey, CancellationToken cancellation) => Table.Row(partition, rowKey, cancellation);

    public Task Save(AuditCheckpoint checkpoint, string partition, CancellationToken cancellation) => Table.UpsertEntityAsync(checkpoint.ToEntity(partition), TableUpdateMode.Replace, cancellation);

    /// <summary>Deletes rows with their marks, at most fifty; ones that are gone already count as deleted.</summary>
    public async Task Delete(IReadOnlyList<AuditRow> rows, CancellationToken cancellation)
    {
        var entities = rows.SelectMany(row => new[] { row.ToEntity(), row.ToMark() }).ToList();
        try
        {
            await Table.SubmitTransactionAsync([.. entities.Select(entity => new TableTransactionAction(TableTransactionActionType.Delete, entity))], cancellation);
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            // One that is gone fails them all. Then one by one.
            foreach (var entity in entities) { await Table.DeleteEntityAsync(entity.PartitionKey, entity.RowKey, cancellationToken: cancellation); }
        }
    }

    /// <summary>False when there is a row of that sequence, or the event is in the log already.</summary>
    private async Task<bool> TryAdd(AuditRow row, int attempt, CancellationToken cancellation)
    {
        try
        {
            await Table.SubmitTransactionAsync(
                [new(TableTransactionActionType.Add, row.ToEntity()), new(TableTransactionActionType.Add, row.ToMark())], cancellation);
            return true;
        }
        catch (RequestFailedException e) when (e.Status is 409 or 404 && attempt < Tries)
        {
            if (e.Status == 404) { await Table.CreateIfNotExistsAsync(cancellation); }
            return false;
        }
    }

    public void Dispose()
    {
        heads.Dispose();
        foreach (var turn in turns) { turn.Dispose(); }
    }
}
