using System.Net;
using Azure;
using Azure.Data.Tables;
using Azure.Data.Tables.Models;

namespace LocalAzure.Tests.Sdks;

/// <summary>Every operation of <see cref="TableServiceClient"/> and <see cref="TableClient"/>.</summary>
internal static class TablesSession
{
    private const string Anyone = "PartitionKey eq 'p'";

    public static async Task Play(Session session, TableServiceClient service)
    {
        await Service(session, service);
        var table = session.Local(service, s => s.GetTableClient("sdkthings"));
        await session.Ok(table, t => t.CreateAsync());
        (await session.Ok(table, t => t.CreateIfNotExistsAsync()))?.Value.Name.Should().Be("sdkthings");
        await Entities(session, table);
        await session.Refused(table, "stored access policies of tables", t => t.GetAccessPoliciesAsync());
        await session.Refused(table, "stored access policies of tables", t => t.SetAccessPolicyAsync([]));
        await session.Ok(table, t => t.DeleteAsync());
        (await service.QueryAsync("TableName eq 'sdkthings'").ToListAsync()).Should().BeEmpty();
    }

    private static async Task Service(Session session, TableServiceClient service)
    {
        (await session.Ok(service, s => s.CreateTableAsync("sdktable"))).Value.Name.Should().Be("sdktable");
        await session.Ok(service, s => s.CreateTableIfNotExistsAsync("sdktable"));
        (await session.All(service, s => s.QueryAsync("TableName eq 'sdktable'"))).Should().ContainSingle();
        await session.Ok(service, s => s.DeleteTableAsync("sdktable"));
        await session.Refused(service, "the properties of the table service", s => s.GetPropertiesAsync());
        await session.Refused(service, "the properties of the table service", s => s.SetPropertiesAsync(new TableServiceProperties()));
        await session.Refused(service, "the statistics of the table service", s => s.GetStatisticsAsync());
    }

    private static async Task Entities(Session session, TableClient table)
    {
        var entity = new TableEntity("p", "1") { ["n"] = 1, ["at"] = DateTimeOffset.UnixEpoch, ["long"] = long.MaxValue, ["id"] = Guid.Empty, ["bytes"] = new byte[] { 1, 2 } };
        await session.Ok(table, t => t.AddEntityAsync(entity));
        var read = (await session.Ok(table, t => t.GetEntityAsync<TableEntity>("p", "1"))).Value;
        foreach (var (name, value) in entity.Where(property => property.Key != "odata.etag")) { read[name].Should().BeEquivalentTo(value, name); }

        (await session.Ok(table, t => t.GetEntityIfExistsAsync<TableEntity>("p", "absent"))).HasValue.Should().BeFalse();
        await session.Ok(table, t => t.UpsertEntityAsync(new TableEntity("p", "2") { ["n"] = 2 }));
        await session.Ok(table, t => t.UpdateEntityAsync(new TableEntity("p", "1") { ["n"] = 3 }, read.ETag));
        var stale = () => table.UpdateEntityAsync(new TableEntity("p", "1") { ["n"] = 4 }, read.ETag);
        (await stale.Should().ThrowAsync<RequestFailedException>()).Which.Status.Should().Be((int)HttpStatusCode.PreconditionFailed);
        (await session.All(table, t => t.QueryAsync<TableEntity>(Anyone, maxPerPage: 1))).Select(e => e.GetInt32("n")).Should().Equal(3, 2);
        await session.Ok(table, t => t.DeleteEntityAsync("p", "2"));

        var answers = (await session.Ok(table, t => t.SubmitTransactionAsync(
        [
            new TableTransactionAction(TableTransactionActionType.Add, new TableEntity("p", "3")),
            new TableTransactionAction(TableTransactionActionType.UpsertReplace, new TableEntity("p", "1") { ["n"] = 5 }),
        ]))).Value;
        answers.Select(answer => answer.Status).Should().Equal(204, 204);
        var half = () => table.SubmitTransactionAsync(
        [
            new TableTransactionAction(TableTransactionActionType.Delete, new TableEntity("p", "1")),
            new TableTransactionAction(TableTransactionActionType.Add, new TableEntity("p", "3")),
        ]);
        (await half.Should().ThrowAsync<TableTransactionFailedException>()).Which.Status.Should().Be((int)HttpStatusCode.Conflict);
        (await table.GetEntityIfExistsAsync<TableEntity>("p", "1")).HasValue.Should().BeTrue("a transaction that fails changes nothing");
    }

    private static async Task<List<T>> ToListAsync<T>(this AsyncPageable<T> pages)
        where T : notnull
    {
        var all = new List<T>();
        await foreach (var item in pages) { all.Add(item); }
        return all;
    }
}
