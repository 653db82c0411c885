using System.Globalization;
using LocalAzure.Cosmos.Indexing;

namespace LocalAzure.Cosmos.Storage;

/// <summary>
/// Where a partition key lies between "" and "FF" in a container of version 2: its hash, without the two highest bits. SDKs compute it too, so it has to
/// be theirs to the bit.
/// </summary>
internal static class EffectivePartitionKey
{
    /// <summary>The text "FF", which is behind every hash.</summary>
    public static UInt128 End { get; } = Parse("FF");

    public static UInt128 Of(ReadOnlySpan<byte> partitionKey) => MurmurHash.Of(OrderedBytes.ToHashed(partitionKey)) & (UInt128.MaxValue >> 2);

    /// <summary>Shorter texts are the first of all that begin with them.</summary>
    public static UInt128 Parse(string text) =>
        text.Length <= 32 && UInt128.TryParse(text.PadRight(32, '0'), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var place)
            ? place
            : throw CosmosRefusal.BadRequest($"The effective partition key '{text}' is invalid.");

    public static string Text(UInt128 place) =>
        place == 0 ? "" : place == End ? "FF" : place.ToString("X32", CultureInfo.InvariantCulture);
}
