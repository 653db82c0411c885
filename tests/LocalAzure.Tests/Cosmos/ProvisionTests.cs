using Microsoft.Azure.Cosmos;

namespace LocalAzure.Tests.Cosmos;

public sealed class ProvisionTests(CosmosHost host) : IClassFixture<CosmosHost>
{
    [LocalFact]
    public async Task Containers_are_made_once_and_brought_up_to_date()
    {
        var file = Path.Combine(host.StateDirectory, "containers.json");
        await File.WriteAllTextAsync(file, """{"database":"made","containers":[{"id":"one","partitionKey":"/pk","indexingPolicy":{"indexingMode":"consistent","automatic":true,"includedPaths":[{"path":"/a/?"}],"excludedPaths":[{"path":"/*"}]}}]}""");
        host.Emulator.Provision(file);
        var container = host.Client.GetContainer("made", "one");
        var first = await container.ReadContainerAsync();
        first.Resource.PartitionKeyPath.Should().Be("/pk");
        await container.CreateItemAsync(ItemTests.Item("1", "a", ("b", 1)), new PartitionKey("a"));

        host.Emulator.Provision(file);
        (await container.ReadContainerAsync()).ETag.Should().Be(first.ETag, "nothing has changed");

        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file)).Replace("/a/?", "/b/?", StringComparison.Ordinal).Replace("\"indexingPolicy\"", "\"defaultTtl\":-1,\"indexingPolicy\"", StringComparison.Ordinal));
        host.Emulator.Provision(file);
        (await container.ReadContainerAsync()).Resource.DefaultTimeToLive.Should().Be(-1);
        (await QueryTests.Rows(container.GetItemQueryIterator<int>("SELECT VALUE c.b FROM c ORDER BY c.b"))).Should().Equal(1);
    }

    [LocalFact]
    public async Task The_product_s_own_containers_answer_its_lists_and_due_work()
    {
        host.Emulator.Provision(Path.Combine(Repository(), "infra", "bicep", "cosmos-containers.json"));
        var customers = host.Client.GetContainer("customers", "customers");
        foreach (var query in new[]
        {
            "SELECT * FROM c WHERE c.type = 'customer' ORDER BY c.type, c.createdAt, c.id",
            "SELECT * FROM c WHERE c.type = 'customer' ORDER BY c.type DESC, c.createdAt DESC, c.id DESC",
            "SELECT * FROM c WHERE c.type = 'customer' AND c.status = 'active' ORDER BY c.type, c.name, c.id",
            "SELECT * FROM c WHERE c.workDueAt <= '2026-01-01' ORDER BY c.workDueAt",
            "SELECT * FROM c WHERE c.trialDueAt <= '2026-01-01' ORDER BY c.trialDueAt",
        })
        {
            (await QueryTests.Rows(customers.GetItemQueryIterator<object>(query))).Should().BeEmpty();
        }
        var keys = customers.GetItemQueryIterator<object>("SELECT * FROM c WHERE c.type = 'apiKey' ORDER BY c.id", requestOptions: new QueryRequestOptions { PartitionKey = new PartitionKey("cus_1") });
        (await QueryTests.Rows(keys)).Should().BeEmpty();
    }

    private static string Repository()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "CustomerFunctions.sln"))) { folder = Path.GetDirectoryName(folder)!; }
        return folder;
    }
}
