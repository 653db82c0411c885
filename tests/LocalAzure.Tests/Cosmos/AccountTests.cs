using System.Net;
using Microsoft.Azure.Cosmos;

namespace LocalAzure.Tests.Cosmos;

public sealed class AccountTests(CosmosHost host) : IClassFixture<CosmosHost>
{
    [Fact]
    public async Task Databases_and_containers_are_created_listed_and_deleted()
    {
        Database database = await host.Client.CreateDatabaseAsync($"db-{Guid.NewGuid():N}");
        Container container = await database.CreateContainerAsync("things", "/pk");
        (await container.ReadContainerAsync()).Resource.PartitionKeyPath.Should().Be("/pk");
        (await Names<ContainerProperties>(database.GetContainerQueryIterator<ContainerProperties>(), c => c.Id)).Should().Equal("things");
        (await Names<DatabaseProperties>(host.Client.GetDatabaseQueryIterator<DatabaseProperties>(), d => d.Id)).Should().Contain(database.Id);

        var second = () => database.CreateContainerAsync("things", "/pk");
        (await second.Should().ThrowAsync<CosmosException>()).Which.StatusCode.Should().Be(HttpStatusCode.Conflict);
        (await database.CreateContainerIfNotExistsAsync("things", "/pk")).StatusCode.Should().Be(HttpStatusCode.OK);

        await container.DeleteContainerAsync();
        var read = () => container.ReadContainerAsync();
        (await read.Should().ThrowAsync<CosmosException>()).Which.StatusCode.Should().Be(HttpStatusCode.NotFound);
        await database.DeleteAsync();
        (await database.ReadStreamAsync()).StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task An_item_in_a_container_that_is_not_there_is_404_with_sub_status_1003()
    {
        var read = () => host.Database.GetContainer("absent").ReadItemAsync<object>("1", new PartitionKey("a"));
        var refused = (await read.Should().ThrowAsync<CosmosException>()).Which;
        refused.StatusCode.Should().Be(HttpStatusCode.NotFound);
        refused.SubStatusCode.Should().Be(1003);
    }

    [Fact]
    public async Task A_container_made_anew_under_its_old_name_is_used_by_clients_that_knew_the_old_one()
    {
        var container = await host.NewContainer();
        await container.CreateItemAsync(ItemTests.Item("1", "a"), new PartitionKey("a"));
        using var other = host.NewClient();
        await other.GetContainer(host.Database.Id, container.Id).DeleteContainerAsync();
        await other.GetDatabase(host.Database.Id).CreateContainerAsync(container.Id, "/pk");
        (await container.CreateItemAsync(ItemTests.Item("1", "a"), new PartitionKey("a"))).StatusCode.Should().Be(HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_container_setting_can_be_replaced_but_not_its_partition_key()
    {
        var container = await host.NewContainer();
        var properties = (await container.ReadContainerAsync()).Resource;
        properties.DefaultTimeToLive = 60;
        (await container.ReplaceContainerAsync(properties)).Resource.DefaultTimeToLive.Should().Be(60);
        properties.PartitionKeyPath = "/other";
        var moved = () => container.ReplaceContainerAsync(properties);
        (await moved.Should().ThrowAsync<CosmosException>()).Which.StatusCode.Should().Be(HttpStatusCode.BadRequest);
    }

    [LocalFact]
    public async Task Keys_and_tokens_for_others_are_refused_with_401()
    {
        using var http = new HttpClient();
        (await Get(http, null)).Should().Be(HttpStatusCode.Unauthorized);
        (await Get(http, "type=master&ver=1.0&sig=abc")).Should().Be(HttpStatusCode.Unauthorized);
        (await Get(http, $"type=aad&ver=1.0&sig={host.Token("https://vault.azure.net")}")).Should().Be(HttpStatusCode.Unauthorized);
        (await Get(http, $"type=aad&ver=1.0&sig={host.Token("https://cosmos.azure.com")}")).Should().Be(HttpStatusCode.OK);
        (await Get(http, $"type=aad&ver=1.0&sig={host.Token()}")).Should().Be(HttpStatusCode.OK);
    }

    private async Task<HttpStatusCode> Get(HttpClient http, string? authorization)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, host.Endpoint);
        if (authorization is not null) { request.Headers.TryAddWithoutValidation("authorization", Uri.EscapeDataString(authorization)); }
        using var answer = await http.SendAsync(request);
        return answer.StatusCode;
    }

    private static async Task<List<string>> Names<T>(FeedIterator<T> pages, Func<T, string> name)
    {
        var names = new List<string>();
        while (pages.HasMoreResults) { names.AddRange((await pages.ReadNextAsync()).Select(name)); }
        return names;
    }
}
