using System.Globalization;
using System.Text.Json.Serialization;
using Azure.Data.Tables;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.Audit;

public enum AuditFault
{
    /// <summary>The row's content, or a column that filters look at, is not what was written.</summary>
    [JsonStringEnumMemberName("changed")] Changed,

    /// <summary>A row is missing.</summary>
    [JsonStringEnumMemberName("removed")] Removed,

    /// <summary>A row is there that the app did not write.</summary>
    [JsonStringEnumMemberName("inserted")] Inserted,
}

/// <summary>The first place from the beginning at which a log is not as it was written.</summary>
public sealed record BrokenAt(long Sequence, AuditFault Fault);

/// <summary>What came of one stretch of verification, and where the next begins; null at the end.</summary>
internal sealed record Verified(int Checked, BrokenAt? Broken, string? Next);

/// <summary>
/// Follows a log's chain from its beginning, or from where retention cut it, to its end. Every row was written together with a mark under its event's id; after the rows, the marks tell
/// whether rows are missing at the end, where no later row would notice.
/// </summary>
internal sealed class AuditVerifier(AuditLog log)
{
    private const int Stretch = 1000;
    private const int StretchesPerCall = 5;
    private const string MarksFrom = "marks ";

    /// <param name="partition">Whose log.</param>
    /// <param name="from">Where the last call has stopped; null to begin.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<Verified> Verify(string partition, string? from, CancellationToken cancellation)
    {
        if (from?.StartsWith(MarksFrom, StringComparison.Ordinal) == true) { return await VerifyMarks(partition, from[MarksFrom.Length..], cancellation); }

        var cut = await AuditCheckpoint.Read(log, partition, cancellation);
        var previous = cut.Head;
        if (long.TryParse(from, NumberStyles.None, CultureInfo.InvariantCulture, out var begin) && begin > previous.Sequence + 1) { previous = await EndOf(partition, begin - 1, cancellation); }
        if (from is null && await OlderThan(cut.DeletedThrough, partition, cancellation) is { } strange) { return new Verified(0, strange, null); }
        var head = await log.ReadHead(partition, cancellation);
        var seen = 0;
        for (var stretch = 0; previous.Sequence < head.Sequence; stretch++)
        {
            if (stretch == StretchesPerCall) { return new Verified(seen, null, (previous.Sequence + 1).ToString(CultureInfo.InvariantCulture)); }
            var last = Math.Min(previous.Sequence + Stretch, head.Sequence);
            foreach (var entity in await RowsBetween(log, partition, previous.Sequence + 1, last, cancellation))
            {
                if (await Check(partition, entity, previous, cancellation) is { } broken) { return new Verified(seen, broken, null); }
                previous = AuditRow.From(entity)!.AsHead();
                seen++;
            }
            if (previous.Sequence < last) { return new Verified(seen, new BrokenAt(previous.Sequence + 1, AuditFault.Removed), null); }
        }
        var marks = await VerifyMarks(partition, null, cancellation);
        return marks with { Checked = seen };
    }

    /// <summary>Rows of a log, oldest first, with whatever stands before the first of them and behind the one before it.</summary>
    public static async Task<IReadOnlyList<TableEntity>> RowsBetween(AuditLog log, string partition, long first, long last, CancellationToken cancellation)
    {
        var rows = new List<TableEntity>();
        await foreach (var entity in log.Rows(partition, $"RowKey ge '{AuditRow.KeyOf(last)}' and RowKey lt '{AuditRow.KeyOf(first - 1)}'", Stretch, cancellation)) { rows.Add(entity); }
        rows.Reverse();
        return rows;
    }

    /// <summary>A row where retention has deleted everything, or before the first there can be. What retention has yet to delete lies behind <paramref name="deleted"/>.</summary>
    private async Task<BrokenAt?> OlderThan(long deleted, string partition, CancellationToken cancellation)
    {
        await foreach (var entity in log.Rows(partition, $"RowKey ge '{AuditRow.KeyOf(deleted)}' and RowKey lt '{AuditRow.EndOfEvents}'", maxPerPage: 1, cancellation))
        {
            return new BrokenAt(AuditRow.SequenceOf(entity.RowKey) ?? deleted + 1, AuditFault.Inserted);
        }
        return null;
    }

    private async Task<AuditHead> EndOf(string partition, long sequence, CancellationToken cancellation) =>
        new(sequence, (await log.Row(partition, AuditRow.KeyOf(sequence), cancellation))?.Text("hash") ?? "");

    private async Task<BrokenAt?> Check(string partition, TableEntity entity, AuditHead previous, CancellationToken cancellation)
    {
        var expected = previous.Sequence + 1;
        var sequence = AuditRow.SequenceOf(entity.RowKey) ?? expected;
        var row = AuditRow.From(entity);
        if (row is not null && sequence == expected && row.PrevHash == previous.Hash && row.IsAsWritten(entity)) { return null; }
        // The row is not what should stand here. Its mark says whether the app has written one of this event here at all.
        var mark = row is null ? null : await log.Row(partition, row.EventId, cancellation);
        if (row is null || mark?.Text("sequence") != entity.RowKey) { return new BrokenAt(sequence, await IsMarked(partition, entity, cancellation) ? AuditFault.Changed : AuditFault.Inserted); }
        return sequence == expected ? new BrokenAt(sequence, AuditFault.Changed) : new BrokenAt(expected, AuditFault.Removed);
    }

    /// <summary>Whether any event's mark points to the row: then it is the app's, and its event was made another.</summary>
    private async Task<bool> IsMarked(string partition, TableEntity entity, CancellationToken cancellation)
    {
        await foreach (var _ in log.Rows(partition, $"{AuditRow.Marks} and sequence eq {TableRows.Quote(entity.RowKey)}", maxPerPage: null, cancellation)) { return true; }
        return false;
    }

    private async Task<Verified> VerifyMarks(string partition, string? continuation, CancellationToken cancellation)
    {
        var head = await log.ReadHead(partition, cancellation);
        await foreach (var entity in log.Rows(partition, $"RowKey lt '{AuditRow.KeyOf(head.Sequence)}'", maxPerPage: 1, cancellation))
        {
            if (AuditRow.SequenceOf(entity.RowKey) is null) { return new Verified(0, new BrokenAt(head.Sequence + 1, AuditFault.Inserted), null); }
        }
        var stretches = 0;
        await foreach (var page in log.Rows(partition, $"{AuditRow.Marks} and sequence lt '{AuditRow.KeyOf(head.Sequence)}'", Stretch, cancellation).AsPages(continuation))
        {
            foreach (var key in page.Values.Select(mark => mark.Text("sequence")!).OrderDescending(StringComparer.Ordinal))
            {
                // Written since we looked for the end, perhaps.
                if (await log.Row(partition, key, cancellation) is null) { return new Verified(0, new BrokenAt(AuditRow.SequenceOf(key) ?? head.Sequence + 1, AuditFault.Removed), null); }
            }
            if (++stretches == StretchesPerCall && page.ContinuationToken is { } next) { return new Verified(0, null, MarksFrom + next); }
        }
        return new Verified(0, null, null);
    }
}
