using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Azure.Cosmos;

namespace CustomerFunctions.Tests.Fixture;

/// <summary>What the app has stored, read with the Cosmos DB SDK behind its back.</summary>
internal sealed class StoredData(LocalCloud cloud) : IDisposable
{
    private static readonly string[] Containers = ["customers", "accounts", "directory", "control"];

    private readonly CosmosClient client = new(cloud.Endpoint("cosmos"), new CosmosCredential(cloud), new CosmosClientOptions { ConnectionMode = ConnectionMode.Gateway, LimitToEndpoint = true });

    /// <summary>Stores a document as it is given, in place of the one with its id.</summary>
    public async Task Replace(string container, string partition, JsonObject document)
    {
        using var body = new MemoryStream(Encoding.UTF8.GetBytes(document.ToJsonString()));
        using var response = await client.GetContainer("customers", container).ReplaceItemStreamAsync(body, (string)document["id"]!, new PartitionKey(partition));
        response.EnsureSuccessStatusCode();
    }

    /// <summary>Stores a document that is not there.</summary>
    public async Task Add(string container, string partition, JsonObject document)
    {
        using var body = new MemoryStream(Encoding.UTF8.GetBytes(document.ToJsonString()));
        using var response = await client.GetContainer("customers", container).CreateItemStreamAsync(body, new PartitionKey(partition));
        response.EnsureSuccessStatusCode();
    }

    /// <summary>Every document of a container, or what a query makes of them.</summary>
    public async Task<IReadOnlyList<JsonObject>> All(string container, string query = "SELECT * FROM c")
    {
        var documents = new List<JsonObject>();
        using var pages = client.GetContainer("customers", container).GetItemQueryStreamIterator(query, requestOptions: new QueryRequestOptions { MaxItemCount = 1_000 });
        while (pages.HasMoreResults)
        {
            using var page = (await pages.ReadNextAsync()).EnsureSuccessStatusCode();
            documents.AddRange((await JsonNode.ParseAsync(page.Content))!["Documents"]!.AsArray().Select(document => document!.DeepClone().AsObject()));
        }
        return documents;
    }

    /// <summary>The customers that carry an email, closed ones too.</summary>
    public async Task<IReadOnlyList<JsonObject>> CustomersWith(string email) =>
        [.. (await All("customers")).Where(document => (string?)document["type"] == "customer" && (string?)document["email"] == email)];

    /// <summary>How many documents there are in each container.</summary>
    public async Task<IReadOnlyDictionary<string, int>> Count()
    {
        var counts = new Dictionary<string, int>();
        foreach (var container in Containers) { counts[container] = (await All(container)).Count; }
        return counts;
    }

    /// <summary>
    /// Names whose holder does not carry them, and customers that do not hold their names: none, once every request has ended or its claim has been healed.
    /// </summary>
    public async Task<IReadOnlyList<string>> Orphans()
    {
        var customers = (await All("customers")).Where(document => (string?)document["type"] == "customer").ToDictionary(customer => (string)customer["id"]!);
        var claims = (await All("directory")).ToDictionary(claim => (string)claim["id"]!);
        var carried = customers.Values.SelectMany(customer => new[] { ("email:" + customer["email"], customer), ("slug:" + customer["slug"], customer) }).ToDictionary(pair => pair.Item1, pair => (string)pair.customer["id"]!);
        var idle = claims.Where(claim => claim.Key.StartsWith("email:", StringComparison.Ordinal) || claim.Key.StartsWith("slug:", StringComparison.Ordinal))
            .Where(claim => carried.GetValueOrDefault(claim.Key) != (string)claim.Value["holderId"]!).Select(claim => $"{claim.Key} is held by {claim.Value["holderId"]}, which does not carry it");
        var unclaimed = carried.Where(name => (string?)claims.GetValueOrDefault(name.Key)?["holderId"] != name.Value).Select(name => $"{name.Value} carries {name.Key} without holding it");
        return [.. idle, .. unclaimed];
    }

    public void Dispose() => client.Dispose();
}
