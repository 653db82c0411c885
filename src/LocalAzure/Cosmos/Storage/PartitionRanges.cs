using System.Globalization;
using System.Text.Json.Nodes;

namespace LocalAzure.Cosmos.Storage;

/// <summary>The physical partitions of a container, in the order of what they hold. Immutable: a split makes a new list.</summary>
internal sealed class PartitionRanges
{
    // Hashes end here; the last range goes on to "FF" all the same.
    private static readonly UInt128 LastHash = UInt128.MaxValue >> 2;

    private PartitionRanges(IReadOnlyList<PartitionRange> all) => All = all;

    public static PartitionRanges One { get; } = new([new PartitionRange(0, 0, EffectivePartitionKey.End, [])]);

    public IReadOnlyList<PartitionRange> All { get; }

    /// <summary>
    /// Equal shares, as many as a new container needs: one physical partition serves 10,000 RU/s ("Best practices for scaling provisioned throughput").
    /// </summary>
    public static PartitionRanges For(int? throughput)
    {
        const int Served = 10_000;
        var count = Math.Max(1, ((throughput ?? 0) + Served - 1) / Served);
        var share = LastHash / (UInt128)count;
        return new PartitionRanges([.. Enumerable.Range(0, count).Select(i =>
            new PartitionRange(i, share * (UInt128)i, i == count - 1 ? EffectivePartitionKey.End : share * (UInt128)(i + 1), []))]);
    }

    /// <summary>The number of the range made last: it grows with every split, and no range gets a number again.</summary>
    public int Last => All.Max(range => range.Number);

    public PartitionRange? Find(string id) =>
        int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? All.FirstOrDefault(range => range.Number == number) : null;

    /// <summary>Two ranges in the place of one, each with half of its keys.</summary>
    public PartitionRanges Split(PartitionRange parent)
    {
        var high = UInt128.Min(parent.High, LastHash);
        var middle = parent.Low + ((high - parent.Low) / 2);
        if (middle <= parent.Low) { throw CosmosRefusal.BadRequest("The partition key range is too small to be split."); }
        IReadOnlyList<int> parents = [.. parent.Parents, parent.Number];
        var lower = new PartitionRange(Last + 1, parent.Low, middle, parents);
        var upper = new PartitionRange(Last + 2, middle, parent.High, parents);
        return new PartitionRanges([.. All.SelectMany(range => range == parent ? [lower, upper] : new[] { range })]);
    }

    public JsonArray ToJson() => new([.. All.Select(range => new JsonObject
    {
        ["number"] = range.Number,
        ["low"] = EffectivePartitionKey.Text(range.Low),
        ["high"] = EffectivePartitionKey.Text(range.High),
        ["parents"] = new JsonArray([.. range.Parents.Select(parent => JsonValue.Create(parent))]),
    })]);

    /// <summary>A container that was stored before there were several ranges has one.</summary>
    public static PartitionRanges FromJson(JsonArray? json) => json is null ? One : new([.. json.Select(node => new PartitionRange(
        node!["number"]!.GetValue<int>(),
        EffectivePartitionKey.Parse(node["low"]!.GetValue<string>()),
        EffectivePartitionKey.Parse(node["high"]!.GetValue<string>()),
        [.. node["parents"]!.AsArray().Select(parent => parent!.GetValue<int>())]))]);
}
