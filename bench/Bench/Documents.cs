using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Azure.Cosmos;

namespace Bench;

/// <summary>Documents as they are stored.</summary>
internal static class Documents
{
    private static readonly string[] OfTheStore = ["_rid", "_self", "_etag", "_attachments", "_ts", "_lsn"];

    public static async Task<string> Read(Container container, string partition, string id)
    {
        using var response = await container.ReadItemStreamAsync(id, new PartitionKey(partition));
        response.EnsureSuccessStatusCode();
        var document = (await JsonNode.ParseAsync(response.Content))!.AsObject();
        foreach (var property in OfTheStore) { document.Remove(property); }
        return document.ToJsonString();
    }

    public static async Task Create(Container container, string partition, string document, CancellationToken cancellation)
    {
        using var body = new MemoryStream(Encoding.UTF8.GetBytes(document));
        using var response = await container.CreateItemStreamAsync(body, new PartitionKey(partition), cancellationToken: cancellation);
        response.EnsureSuccessStatusCode();
    }
}
