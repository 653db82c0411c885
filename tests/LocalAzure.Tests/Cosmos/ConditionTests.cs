using System.Net;
using Microsoft.Azure.Cosmos;

namespace LocalAzure.Tests.Cosmos;

/// <summary>Headers that turn an answer: conditions on reads, consistency, partition key ranges.</summary>
public sealed class ConditionTests(CosmosHost host) : IClassFixture<CosmosHost>
{
    [Theory]
    [InlineData("")]
    [InlineData("/colls/{c}")]
    [InlineData("/colls/{c}/docs/1")]
    public async Task A_read_that_is_asked_for_no_version_is_304(string resource)
    {
        var path = $"dbs/{host.Database.Id}{resource}".Replace("{c}", await WithItem(), StringComparison.Ordinal);
        using var read = await host.Send(HttpMethod.Get, path);
        using var any = await host.Send(HttpMethod.Get, path, "If-None-Match: *");
        using var same = await host.Send(HttpMethod.Get, path, $"If-None-Match: {read.Headers.GetValues("ETag").Single()}");
        using var other = await host.Send(HttpMethod.Get, path, "If-None-Match: \"other\"");
        (read.StatusCode, any.StatusCode, same.StatusCode, other.StatusCode).Should()
            .Be((HttpStatusCode.OK, HttpStatusCode.NotModified, HttpStatusCode.NotModified, HttpStatusCode.OK));
    }

    [Fact]
    public async Task A_read_of_nothing_is_404_whatever_its_condition()
    {
        using var answer = await host.Send(HttpMethod.Get, $"dbs/{host.Database.Id}/colls/{await WithItem()}/docs/absent", "If-None-Match: *");
        answer.StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("Strong", HttpStatusCode.BadRequest)]
    [InlineData("BoundedStaleness", HttpStatusCode.BadRequest)]
    [InlineData("7", HttpStatusCode.BadRequest)]
    [InlineData("Loose", HttpStatusCode.BadRequest)]
    [InlineData("Session", HttpStatusCode.OK)]
    [InlineData("ConsistentPrefix", HttpStatusCode.OK)]
    [InlineData("Eventual", HttpStatusCode.OK)]
    public async Task A_request_may_weaken_the_accounts_consistency_and_not_strengthen_it(string level, HttpStatusCode expected)
    {
        var path = $"dbs/{host.Database.Id}/colls/{await WithItem()}/docs";
        foreach (var address in new[] { path, $"{path}/1" })
        {
            using var answer = await host.Send(HttpMethod.Get, address, $"x-ms-consistency-level: {level}");
            answer.StatusCode.Should().Be(expected);
        }
    }

    [Theory]
    [InlineData("GET", null)]
    [InlineData("GET", "A-IM: Incremental feed")]
    [InlineData("POST", "x-ms-documentdb-isquery: true")]
    public async Task A_range_that_the_container_does_not_have_is_410_with_sub_status_1002(string method, string? header)
    {
        var path = $"dbs/{host.Database.Id}/colls/{await WithItem()}/docs";
        var body = method == "POST" ? """{"query":"SELECT * FROM c"}""" : null;
        var more = header is null ? "" : $"|{header}";
        using var gone = await host.Send(new HttpMethod(method), path, $"-x-ms-documentdb-partitionkey|x-ms-documentdb-partitionkeyrangeid: 17{more}", body);
        using var own = await host.Send(new HttpMethod(method), path, $"-x-ms-documentdb-partitionkey|x-ms-documentdb-partitionkeyrangeid: 0{more}", body);
        gone.StatusCode.Should().Be(HttpStatusCode.Gone);
        gone.Headers.GetValues("x-ms-substatus").Should().Equal("1002");
        own.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData(".")]
    [InlineData("..")]
    public async Task An_item_whose_address_would_lead_elsewhere_is_refused_at_creation(string id)
    {
        using var answer = await host.Send(HttpMethod.Post, $"dbs/{host.Database.Id}/colls/{await WithItem()}/docs", null, $$"""{"id":"{{id}}","pk":"a"}""");
        answer.StatusCode.Should().Be(HttpStatusCode.BadRequest);
    }

    private async Task<string> WithItem()
    {
        var container = await host.NewContainer();
        await container.CreateItemAsync(ItemTests.Item("1", "a"), new PartitionKey("a"));
        return container.Id;
    }
}
