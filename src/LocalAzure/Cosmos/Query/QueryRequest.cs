using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using LocalAzure.Cosmos.Storage;

namespace LocalAzure.Cosmos.Query;

/// <summary>A query as a client sends it: text, parameters, the partition it is about (null: all of them), and the page it asks for.</summary>
internal sealed record QueryRequest(string Text, IReadOnlyDictionary<string, SqlValue> Parameters, PartitionKey? Partition, int PageSize, string? Token)
{
    /// <summary>Asked of all partitions at once, so that the service would have to merge what several of them give.</summary>
    public bool SpansPartitions { get; init; }

    /// <summary>The physical partition that is asked; null: all of them. After a split its children go on from its continuations.</summary>
    public PartitionRange? Range { get; init; }

    /// <summary>Recognises the query that a continuation belongs to.</summary>
    public string Fingerprint { get; } = FingerprintOf(Text, Parameters, Partition);

    /// <summary>Reads <c>{ "query": "…", "parameters": [ { "name": "@x", "value": … } ] }</c>.</summary>
    public static QueryRequest Parse(ReadOnlyMemory<byte> body, PartitionKey? partition, int pageSize, string? token)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            var root = json.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("query", out var text) || text.ValueKind != JsonValueKind.String)
            {
                throw CosmosRefusal.BadRequest("The query is missing.");
            }
            var parameters = new Dictionary<string, SqlValue>();
            if (root.TryGetProperty("parameters", out var given) && given.ValueKind == JsonValueKind.Array)
            {
                foreach (var parameter in given.EnumerateArray()) { parameters[NameOf(parameter)] = ValueOf(parameter); }
            }
            return new QueryRequest(text.GetString()!, parameters, partition, pageSize, token);
        }
        catch (JsonException e) { throw CosmosRefusal.BadRequest($"The query is not valid JSON. {e.Message}"); }
    }

    private static string NameOf(JsonElement parameter) =>
        parameter.ValueKind == JsonValueKind.Object && parameter.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String
            ? name.GetString()!
            : throw CosmosRefusal.BadRequest("A query parameter has no name.");

    private static SqlValue ValueOf(JsonElement parameter) =>
        parameter.TryGetProperty("value", out var value) ? SqlValue.From(value).Detached() : SqlValue.Undefined;

    private static string FingerprintOf(string text, IReadOnlyDictionary<string, SqlValue> parameters, PartitionKey? partition)
    {
        var all = new StringBuilder(text);
        foreach (var (name, value) in parameters.OrderBy(p => p.Key, StringComparer.Ordinal))
        {
            all.Append('\n').Append(name).Append('=').Append(Convert.ToHexString(value.ToOrderedBytes()));
        }
        all.Append('\n').Append(partition is null ? "" : Convert.ToHexString(partition.Bytes));
        return Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(all.ToString())).AsSpan(0, 8));
    }
}

/// <summary>A page of results, as JSON texts.</summary>
internal sealed record QueryPage(IReadOnlyList<ReadOnlyMemory<byte>> Results, string? Token, double Charge);
