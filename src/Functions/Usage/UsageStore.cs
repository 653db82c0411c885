using CustomerFunctions.Audit;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared.Azure;
using Microsoft.Azure.Cosmos;

namespace CustomerFunctions.Usage;

/// <summary>Reports of usage and the months they add up to, in the customer's own partition.</summary>
internal sealed class UsageStore(AzureClients azure, Outbox outbox)
{
    private static readonly int Ttl = (int)UsageEvent.Remembered.TotalSeconds;

    private readonly Documents documents = new(azure, "customers");

    /// <summary>Adds a report, or reads the one that has its id.</summary>
    public async Task<(UsageEvent? Report, bool IsNew)> TryAdd(UsageEvent report, CancellationToken cancellation)
    {
        var (stored, isNew) = await documents.CreateOrRead(report.CustomerId, report, StoreJson.Default.UsageEvent, cancellation);
        return (stored?.Value, isNew);
    }

    public async Task<bool> Has(string customerId, string reportId, CancellationToken cancellation) =>
        await documents.Read(customerId, reportId, StoreJson.Default.UsageEvent, cancellation) is not null;

    public Task<Stored<UsageMonth>?> ReadMonth(string customerId, string month, CancellationToken cancellation) =>
        documents.Read(customerId, UsageMonth.IdOf(customerId, month), StoreJson.Default.UsageMonth, cancellation);

    /// <summary>A customer's months, oldest first.</summary>
    public async Task<IReadOnlyList<UsageMonth>> Months(string customerId, CancellationToken cancellation)
    {
        var query = new QueryDefinition("SELECT * FROM c WHERE c.type = @type").WithParameter("@type", UsageMonth.DocumentType);
        var months = Pages.Each(from => documents.Query(query, customerId, 100, from, StoreJson.Default.DocumentFeedUsageMonth, cancellation), cancellation);
        return await months.Select(month => month.Value).OrderBy(month => month.Month, StringComparer.Ordinal).ToListAsync(cancellation);
    }

    /// <summary>The reports of a customer that are remembered.</summary>
    public Task<Page<UsageEvent>> Reports(string customerId, int pageSize, string? continuation, CancellationToken cancellation)
    {
        var query = new QueryDefinition("SELECT * FROM c WHERE c.type = @type").WithParameter("@type", UsageEvent.DocumentType);
        return documents.Query(query, customerId, pageSize, continuation, StoreJson.Default.DocumentFeedUsageEvent, cancellation);
    }

    /// <summary>Reports of a month that wait to be counted, longest waiting first, and whether these are all.</summary>
    public async Task<(IReadOnlyList<Stored<UsageEvent>> Reports, bool AreAll)> Uncounted(string customerId, string month, int count, CancellationToken cancellation)
    {
        var query = new QueryDefinition("SELECT * FROM c WHERE c.uncountedSince > '' AND c.month = @month ORDER BY c.uncountedSince").WithParameter("@month", month);
        var page = await documents.Query(query, customerId, count, continuation: null, StoreJson.Default.DocumentFeedUsageEvent, cancellation);
        return (page.Items, page.Continuation is null);
    }

    /// <summary>Reports that wait since before an instant.</summary>
    public Task<IReadOnlyList<Stored<UsageEvent>>> UncountedAcrossCustomers(DateTimeOffset before, int count, CancellationToken cancellation) =>
        documents.Due("uncountedSince", before, count, StoreJson.Default.DocumentFeedUsageEvent, cancellation);

    /// <summary>Marks a report as counted; from then on its days run. May be repeated.</summary>
    public Task MarkCounted(string customerId, string reportId, CancellationToken cancellation) => documents.TryPatch(
        customerId, reportId, [PatchOperation.Remove("/uncountedSince"), PatchOperation.Set("/ttl", Ttl)], "FROM c WHERE IS_DEFINED(c.uncountedSince)", cancellation);

    /// <summary>Removes a report or a month whose customer is gone, unless it has changed meanwhile.</summary>
    public Task Remove<T>(string customerId, Stored<T> document, CancellationToken cancellation)
        where T : Document => documents.TryDelete(customerId, document, cancellation);

    /// <summary>Writes a month as it follows from what was read; null when it has changed since.</summary>
    public async Task<Stored<UsageMonth>?> TryWrite(Stored<UsageMonth>? before, UsageMonth after, CancellationToken cancellation)
    {
        var written = before is null
            ? await documents.TryCreate(after.CustomerId, after, StoreJson.Default.UsageMonth, cancellation)
            : await documents.TryReplace(after.CustomerId, before, after, StoreJson.Default.UsageMonth, cancellation);
        return written is null ? null : await outbox.Flush(documents, after.CustomerId, written, cancellation);
    }

    /// <summary>Months that are over and not closed.</summary>
    public Task<IReadOnlyList<Stored<UsageMonth>>> MonthsToCloseAcrossCustomers(DateTimeOffset now, int count, CancellationToken cancellation) =>
        documents.Due("closeDueAt", now, count, StoreJson.Default.DocumentFeedUsageMonth, cancellation);
}
