using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Azure.Data.Tables;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.Audit;

/// <summary>Where a log ends: the newest row's sequence and hash.</summary>
internal sealed record AuditHead(long Sequence, string Hash)
{
    /// <summary>Of a log with nothing in it.</summary>
    public static readonly AuditHead Empty = new(0, new string('0', 64));
}

/// <summary>
/// One row of a log. Its row key is the sequence counted down from the largest number, so the newest row comes first and is found with one small request. Its hash is the SHA-256 of the hash before
/// it, the log's name, the sequence and the event as it is stored, each in a line.
/// </summary>
internal sealed record AuditRow(string Partition, long Sequence, string EventId, string Json, string PrevHash, string Hash)
{
    /// <summary>Row keys of events are all digits; the log's other rows begin with a letter and come after.</summary>
    public const string EndOfEvents = ":";

    /// <summary>Finds the marks; see <see cref="ToMark"/>.</summary>
    public const string Marks = "RowKey ge 'evt_' and RowKey lt 'evt`'";

    /// <summary>The row that an event makes behind <paramref name="head"/>.</summary>
    public static AuditRow After(AuditHead head, string partition, AuditEvent happened)
    {
        var json = JsonSerializer.Serialize(happened, StoreJson.Default.AuditEvent);
        var sequence = head.Sequence + 1;
        return new AuditRow(partition, sequence, happened.Id, json, head.Hash, HashOf(head.Hash, partition, sequence, json));
    }

    public AuditHead AsHead() => new(Sequence, Hash);

    public AuditEvent Event() => JsonSerializer.Deserialize(Json, StoreJson.Default.AuditEvent)! with { Sequence = Sequence, PrevHash = PrevHash, Hash = Hash };

    public TableEntity ToEntity()
    {
        var happened = Event();
        return new TableEntity(Partition, KeyOf(Sequence))
        {
            ["event"] = Json,
            ["occurredAt"] = InstantConverter.Text(happened.OccurredAt),
            ["action"] = happened.Action,
            ["actorId"] = happened.Actor.Id,
            ["prevHash"] = PrevHash,
            ["hash"] = Hash,
        };
    }

    /// <summary>Stands beside the row under the event's id, written with it in one transaction: what keeps an event from being written twice.</summary>
    public TableEntity ToMark() => new(Partition, EventId) { ["sequence"] = KeyOf(Sequence) };

    /// <summary>What a stored row says; null when it is no row that the app has written.</summary>
    public static AuditRow? From(TableEntity entity)
    {
        if (SequenceOf(entity.RowKey) is not { } sequence || entity.Text("event") is not { } json || entity.Text("prevHash") is not { } prevHash || entity.Text("hash") is not { } hash) { return null; }
        try
        {
            return JsonSerializer.Deserialize(json, StoreJson.Default.AuditEvent) is { } happened ? new AuditRow(entity.PartitionKey, sequence, happened.Id, json, prevHash, hash) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Whether the row is as it was written: its hash is that of its content, and the columns that filters look at say what the event says.</summary>
    public bool IsAsWritten(TableEntity stored)
    {
        var expected = ToEntity();
        return Hash == HashOf(PrevHash, Partition, Sequence, Json)
            && ((string[])["occurredAt", "action", "actorId"]).All(column => stored.Text(column) == expected.Text(column));
    }

    public static string KeyOf(long sequence) => (long.MaxValue - sequence).ToString("D19", CultureInfo.InvariantCulture);

    public static long? SequenceOf(string rowKey) =>
        rowKey.Length == 19 && long.TryParse(rowKey, NumberStyles.None, CultureInfo.InvariantCulture, out var inverted) ? long.MaxValue - inverted : null;

    private static string HashOf(string prevHash, string partition, long sequence, string json) => Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{prevHash}\n{partition}\n{sequence}\n{json}"))));
}
