using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace LocalAzure.Cosmos.Query;

/// <summary>
/// Where a query goes on: the last place looked at, by key, so that writes in between neither repeat nor lose what was not written to.
/// </summary>
/// <param name="Query">Which query it belongs to.</param>
/// <param name="Index">The index that is walked; null when results are sorted.</param>
/// <param name="Key">The key of the last place.</param>
/// <param name="Number">The number of the document there.</param>
/// <param name="Rows">How many rows of the document at the place have been given; all of them, by <see cref="AllRows"/>.</param>
/// <param name="Skip">What is left of OFFSET.</param>
/// <param name="Left">What is left of TOP or LIMIT.</param>
internal sealed record Continuation(string Query, string? Index, byte[] Key, long Number, int Rows, int Skip, int Left)
{
    public const int AllRows = int.MaxValue;

    public string ToToken() => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(this, ContinuationJson.Default.Continuation));

    public static Continuation Parse(string token, string query)
    {
        try
        {
            var parsed = JsonSerializer.Deserialize(Base64Url.DecodeFromChars(token), ContinuationJson.Default.Continuation);
            if (parsed is not null && parsed.Query == query && parsed.Key is not null) { return parsed; }
        }
        catch (Exception e) when (e is FormatException or JsonException) { }
        throw Invalid();
    }

    public static CosmosRefusal Invalid() =>
        CosmosRefusal.BadRequest("The continuation token is invalid: it belongs to another query, or the container's indexes have changed.");
}

[JsonSerializable(typeof(Continuation))]
internal sealed partial class ContinuationJson : JsonSerializerContext;
