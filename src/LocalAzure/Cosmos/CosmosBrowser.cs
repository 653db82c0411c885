using System.Text;
using LocalAzure.Cosmos.Query;
using LocalAzure.Cosmos.Storage;

namespace LocalAzure.Cosmos;

/// <summary>What a page for people shows of the data. It reads the store itself: no token, no request charge, no throttling.</summary>
internal sealed class CosmosBrowser(Catalog catalog, TimeProvider clock)
{
    public sealed record ContainerSummary(string Database, string Container, string PartitionKey, long Documents);

    public sealed record Page(IReadOnlyList<string> Documents, string? NextToken);

    public IReadOnlyList<ContainerSummary> Containers() =>
        [.. catalog.Databases.SelectMany(database => database.Containers.Select(container => Summary(database, container.Store)))];

    /// <summary>A page of a query's results as JSON texts; null when there is no such container.</summary>
    /// <exception cref="CosmosRefusal">The query is wrong; the message says how.</exception>
    public Page? Documents(string database, string container, string query = "SELECT * FROM c", int size = 50, string? token = null)
    {
        if (catalog.Find(database)?.Find(container) is not { } found) { return null; }
        var page = QueryRunner.Run(found.Store, new QueryRequest(query, new Dictionary<string, SqlValue>(), null, size, token), clock);
        return new Page([.. page.Results.Select(r => Encoding.UTF8.GetString(r.Span))], page.Token);
    }

    private static ContainerSummary Summary(Database database, ContainerStore store) =>
        new(database.Id, store.Settings.Id, $"/{string.Join('/', store.Settings.PartitionKey)}", store.Read(view => view.Primary.Count));
}
