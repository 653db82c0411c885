using Azure;
using Azure.Data.Tables;
using EntityPage = Azure.Page<Azure.Data.Tables.TableEntity>;

namespace CustomerFunctions.Shared.Azure;

/// <summary>What <see cref="TableClient"/> leaves to its callers: a table that is not there yet, a continuation that comes from outside, and rows that somebody else may have changed.</summary>
public static class TableRows
{
    /// <summary>
    /// The rows that a filter finds, in the order of their keys; none when there is no table. The service looks at no more than a thousand of them for one page, so a page
    /// may be empty and yet not be the last.
    /// </summary>
    public static AsyncPageable<TableEntity> Rows(this TableClient table, string filter, int? maxPerPage, CancellationToken cancellation) =>
        new Found(table.QueryAsync<TableEntity>(filter, maxPerPage, cancellationToken: cancellation));

    /// <summary>The row with these keys; null when there is none, or no table.</summary>
    public static async Task<TableEntity?> Row(this TableClient table, string partitionKey, string rowKey, CancellationToken cancellation)
    {
        var found = await table.GetEntityIfExistsAsync<TableEntity>(partitionKey, rowKey, cancellationToken: cancellation);
        return found.HasValue ? found.Value : null;
    }

    /// <summary>A property's text; null when the row does not have it, or has something else there.</summary>
    public static string? Text(this TableEntity row, string property) => row.TryGetValue(property, out var value) ? value as string : null;

    /// <summary>A text as it stands in a filter.</summary>
    public static string Quote(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    private sealed class Found(AsyncPageable<TableEntity> rows) : AsyncPageable<TableEntity>
    {
        public override async IAsyncEnumerable<EntityPage> AsPages(string? continuationToken = null, int? pageSizeHint = null)
        {
            await using var pages = rows.AsPages(continuationToken, pageSizeHint).GetAsyncEnumerator();
            while (await Next(pages, continuationToken is not null) is { } page) { yield return page; }
        }

        private static async Task<EntityPage?> Next(IAsyncEnumerator<EntityPage> pages, bool isContinued)
        {
            try { return await pages.MoveNextAsync() ? pages.Current : null; }
            // An empty page, without a continuation: callers that keep one would ask for it again and again.
            catch (RequestFailedException e) when (e.Status == 404) { return EntityPage.FromValues([], continuationToken: null, e.GetRawResponse()!); }
            catch (RequestFailedException e) when (e.Status == 400 && isContinued) { throw new ContinuationRefusedException(); }
        }
    }
}
